import { execFile } from 'node:child_process'
import { readFileSync } from 'node:fs'
import { join } from 'node:path'
import { promisify } from 'node:util'
import { expect, test } from 'vitest'
import { shellFolder } from './support/shell-folder.ts'
import { cliFolder } from './support/run-mig.ts'

test('the shell blocks of the README do what they show', async () => {
  const { folder, env } = shellFolder()
  const readme = readFileSync(join(cliFolder, 'README.md'), 'utf8')
  const blocks = readme.matchAll(/(<!-- not run: .* -->\s*)?```sh\n([\s\S]*?)```/g)
  const run = Array.from(blocks, ([, skipped, script = '']) =>
    skipped === undefined ? script : '',
  )
  const { stdout } = await promisify(execFile)('sh', ['-e', '-c', run.join('\n')], {
    cwd: folder,
    env,
  })
  expect(stdout.replace(/ +\d+ ms/g, '  N ms')).toMatchSnapshot()
})
