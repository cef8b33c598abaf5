import { execFile } from 'node:child_process'
import {
  chmodSync,
  cpSync,
  mkdirSync,
  mkdtempSync,
  readdirSync,
  readFileSync,
  rmSync,
  writeFileSync,
} from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { promisify } from 'node:util'
import { fileURLToPath } from 'node:url'
import { expect, onTestFinished, test } from 'vitest'
import { cliFolder } from './support/run-mig.ts'

const examples = fileURLToPath(new URL('../../../migrations-examples', import.meta.url))

test.each(readdirSync(examples))('the example %s does what its README says', async (name) => {
  const folder = mkdtempSync(join(tmpdir(), 'mig-example-'))
  onTestFinished(() => rmSync(folder, { recursive: true, force: true }))
  cpSync(join(examples, name), folder, { recursive: true })
  const bin = join(folder, 'bin')
  mkdirSync(bin)
  const wrapper = `#!/bin/sh\nexec "${process.execPath}" "${join(cliFolder, 'bin/run.js')}" "$@"\n`
  writeFileSync(join(bin, 'mig'), wrapper)
  chmodSync(join(bin, 'mig'), 0o755)

  const readme = readFileSync(join(folder, 'README.md'), 'utf8')
  const [, script = ''] = /```sh\n([\s\S]*?)```/.exec(readme) ?? []
  const { stdout } = await promisify(execFile)('sh', ['-e', '-c', `exec 2>/dev/null\n${script}`], {
    cwd: folder,
    env: { PATH: `${bin}:${process.env['PATH']}`, HOME: folder, LANG: 'C.UTF-8' },
  })
  const masked = stdout
    .replaceAll(/\d+ ms/g, 'N ms')
    .replaceAll(/\d{4}-\d\d-\d\d \d\d:\d\d:\d\d/g, 'DATE')
    .replaceAll(/[\w.-]+@[\w.-]+/g, 'WHO')
  expect(masked.replaceAll(/ {2,}/g, '  ')).toMatchSnapshot()
})
