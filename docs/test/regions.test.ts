import { readFile, writeFile } from 'node:fs/promises'
import { join } from 'node:path'
import { beforeAll, expect, test } from 'vitest'
import { findFiles, repository } from './code-blocks.ts'

const included =
  /<!-- region: ([^#\s]+)#(\S+) -->\s*(?:<!-- prettier-ignore -->\s*)?```\w+\n([\s\S]*?)\n```/g

/** The lines between `// #region NAME` and `// #endregion`, without the indentation they share. */
const regionOf = (text: string, name: string): string => {
  const lines = text.split('\n')
  const start = lines.findIndex((line) => line.trim() === `// #region ${name}`)
  const end = lines.findIndex((line, index) => index > start && line.trim() === '// #endregion')
  if (start === -1 || end === -1) return `no region "${name}"`
  const region = lines.slice(start + 1, end)
  const indents = region.flatMap((line) => (line === '' ? [] : [/^ */.exec(line)?.[0].length ?? 0]))
  const indent = Math.min(...indents)
  return region.map((line) => line.slice(indent)).join('\n')
}

const pages = (): Promise<string[]> => findFiles(['docs/**/*.md', 'packages/*/README.md'])

// MIG_UPDATE_DOCS=1 writes the regions into the pages first.
beforeAll(async () => {
  if (process.env['MIG_UPDATE_DOCS'] !== '1') return
  for (const page of await pages()) {
    let text = await readFile(join(repository, page), 'utf8')
    for (const [block, file = '', name = '', code = ''] of text.matchAll(included)) {
      const region = regionOf(await readFile(join(repository, file), 'utf8'), name)
      const head = block.slice(0, block.lastIndexOf(code))
      text = text.replace(block, () => `${head}${region}\n\`\`\``)
    }
    await writeFile(join(repository, page), text)
  }
})

test('code that a page takes over is what stands in the tested file', async () => {
  let count = 0
  for (const page of await pages()) {
    const text = await readFile(join(repository, page), 'utf8')
    for (const [, file = '', name = '', code] of text.matchAll(included)) {
      const source = await readFile(join(repository, file), 'utf8')
      expect(code, `${page} takes over ${file}#${name}`).toBe(regionOf(source, name))
      count++
    }
  }
  expect(count).toBeGreaterThan(0)
})
