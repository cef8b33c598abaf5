import { execFile } from 'node:child_process'
import { cpSync, readdirSync, readFileSync } from 'node:fs'
import { join } from 'node:path'
import { promisify } from 'node:util'
import { fileURLToPath } from 'node:url'
import { expect, test } from 'vitest'
import { shellFolder } from '../support/shell-folder.ts'

const examples = fileURLToPath(new URL('../../../../migrations-examples', import.meta.url))

test.each(readdirSync(examples))('the example %s does what its README says', async (name) => {
  const { folder, env } = shellFolder()
  cpSync(join(examples, name), folder, { recursive: true })
  const readme = readFileSync(join(folder, 'README.md'), 'utf8')
  const [, script = ''] = /```sh\n([\s\S]*?)```/.exec(readme) ?? []
  const { stdout } = await promisify(execFile)('sh', ['-e', '-c', script], { cwd: folder, env })
  const masked = stdout
    .replaceAll(/\d+ ms/g, 'N ms')
    .replaceAll(/\d{4}-\d\d-\d\d \d\d:\d\d:\d\d/g, 'DATE')
    .replaceAll(/[\w.-]+@[\w.-]+/g, 'WHO')
  expect(masked.replaceAll(/ {2,}/g, '  ')).toMatchSnapshot()
})
