// Writes what can be written from the code into the documentation: pages of commands, outputs of commands, regions of
// tested files. What it wrote is to be read before it is committed.
import { spawnSync } from 'node:child_process'
import { fileURLToPath } from 'node:url'

const root = fileURLToPath(new URL('..', import.meta.url))
const tests = [
  'apps/cli/test/unit/reference.test.ts',
  'docs/test/connection-parameters.test.ts',
  'docs/test/regions.test.ts',
  'docs/test/pages-run.integration.test.ts',
]
const written = spawnSync('vitest', ['run', ...tests], {
  cwd: root,
  env: { ...process.env, MIG_UPDATE_DOCS: '1' },
  stdio: 'inherit',
})
if (written.status !== 0) process.exit(written.status ?? 1)
const { status } = spawnSync('prettier', ['--check', 'docs', 'README.md'], {
  cwd: root,
  stdio: 'inherit',
})
process.exit(status ?? 1)
