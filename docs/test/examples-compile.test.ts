import { execFile } from 'node:child_process'
import { mkdir, rm, writeFile } from 'node:fs/promises'
import { join } from 'node:path'
import { promisify } from 'node:util'
import { expect, test } from 'vitest'
import { commentBlocks, findFiles, markdownBlocks, repository } from './code-blocks.ts'

const folder = join(repository, 'docs', 'dist', 'examples')

const compilerOptions = {
  noEmit: true,
  composite: false,
  allowImportingTsExtensions: true,
  rewriteRelativeImportExtensions: false,
  isolatedDeclarations: false,
  noPropertyAccessFromIndexSignature: false,
}

test('every ts block of the documentation compiles', { timeout: 60_000 }, async () => {
  const markdown = await findFiles([
    '*.md',
    'docs/**/*.md',
    'packages/*/README.md',
    'apps/*/README.md',
  ])
  const sources = await findFiles(['packages/*/src/**/*.ts', 'apps/cli/src/**/*.ts'])
  const blocks = [
    ...(await Promise.all(markdown.map(markdownBlocks))),
    ...(await Promise.all(sources.map(commentBlocks))),
  ]
    .flat()
    .filter(({ language }) => language === 'ts')
  expect(blocks.length).toBeGreaterThan(0)

  await rm(folder, { recursive: true, force: true })
  await mkdir(folder, { recursive: true })
  for (const [index, { file, line, code }] of blocks.entries()) {
    const name = `${index}-${file.replaceAll(/[^\w.-]/g, '_')}-${line}.ts`
    await writeFile(join(folder, name), `${code}\nexport {}\n`)
  }
  const config = { extends: '../../../tsconfig.base.json', compilerOptions, include: ['*.ts'] }
  await writeFile(join(folder, 'tsconfig.json'), JSON.stringify(config))
  const tsc = join(repository, 'node_modules', '.bin', 'tsc')
  const output = await promisify(execFile)(tsc, ['-p', folder], { cwd: repository }).then(
    () => '',
    (error: { stdout: string }) => error.stdout,
  )
  expect(output).toBe('')
})
