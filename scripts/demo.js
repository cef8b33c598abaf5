// Migrates an SQLite database up, shows where it stands and goes down one step: what `mig` looks like, in ten seconds.
import { spawnSync } from 'node:child_process'
import { cpSync, mkdtempSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { fileURLToPath } from 'node:url'

const root = fileURLToPath(new URL('..', import.meta.url))
const folder = mkdtempSync(join(tmpdir(), 'mig-demo-'))
cpSync(join(root, 'migrations-examples/basic/migrations'), join(folder, 'migrations'), {
  recursive: true,
})
const environment = Object.fromEntries(
  Object.entries(process.env).filter(([name]) => !/^(MIG_|DATABASE_URL$)/.test(name)),
)

console.log(`In ${folder}, with three migrations and MIG_DATABASE=sqlite://./demo.db:`)
for (const command of ['up', 'status', 'down', 'version']) {
  console.log(`\n$ mig ${command}`)
  const { status } = spawnSync(process.execPath, [join(root, 'apps/cli/bin/run.js'), command], {
    cwd: folder,
    env: { ...environment, MIG_DATABASE: 'sqlite://./demo.db' },
    stdio: 'inherit',
  })
  if (status !== 0) process.exit(status ?? 1)
}
console.log(`\nThe database it made: ${join(folder, 'demo.db')}`)
