import { readFile, writeFile } from 'node:fs/promises'
import { join } from 'node:path'
import { expect, test } from 'vitest'
import { findFiles, markdownBlocks, repository, type CodeBlock } from './code-blocks.ts'
import { exchangesOf, masked, sandbox } from './shell-blocks.ts'

// `MIG_UPDATE_DOCS=1` writes what the commands print into the pages, to be read before it is committed.
const update = process.env['MIG_UPDATE_DOCS'] === '1'

const pages = await findFiles(['README.md', 'docs/**/*.md', 'apps/cli/README.md'])
const isShell = ({ language }: CodeBlock): boolean => /^(sh|bash|shell|console)$/.test(language)

const blocksByPage = new Map<string, CodeBlock[]>()
for (const page of pages) {
  const blocks = (await markdownBlocks(page)).filter(isShell)
  if (blocks.length > 0) blocksByPage.set(page, blocks)
}

test.each([...blocksByPage.keys()])('every shell block of %s is run, or says why not', (page) => {
  for (const { language, line, notRun } of blocksByPage.get(page) ?? []) {
    const said = language === 'console' || (notRun ?? '') !== ''
    expect(said, `${page}:${line} is neither run nor marked`).toBe(true)
  }
})

const runnable = [...blocksByPage].flatMap(([page, blocks]) => {
  const run = blocks.filter(
    ({ language, notRun }) => language === 'console' && notRun === undefined,
  )
  return run.length === 0 ? [] : [{ page, blocks: run }]
})

test.each(runnable)('$page prints what it says', async ({ page, blocks }) => {
  await using shell = await sandbox()
  const exchanges = blocks.flatMap(({ code }) => exchangesOf(code))
  const outputs = await shell.run(exchanges.map(({ command }) => command))
  if (update) {
    let next = 0
    let text = await readFile(join(repository, page), 'utf8')
    for (const { code } of blocks) {
      const lines = exchangesOf(code).map(({ command }) => {
        const output = outputs[next++] ?? ''
        return `$ ${command}\n${output === '' ? '' : `${output}\n`}`
      })
      // With its fence: a block may well be the beginning of another.
      text = text.replace(`console\n${code}\`\`\``, () => `console\n${lines.join('')}\`\`\``)
    }
    await writeFile(join(repository, page), text)
    return
  }
  expect(exchanges.map(({ command }, index) => [command, masked(outputs[index] ?? '')])).toEqual(
    exchanges.map(({ command, output }) => [command, masked(output)]),
  )
})
