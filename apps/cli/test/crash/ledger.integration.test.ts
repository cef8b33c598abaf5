import { execFileSync } from 'node:child_process'
import { rm, writeFile } from 'node:fs/promises'
import { join } from 'node:path'
import { testDatabase, type DatabaseKind } from '@mig/testing'
import { describeDatabase } from '@mig/testing/vitest'
import { expect, test } from 'vitest'
import { mig, succeed, type Place } from './doctor-report.ts'
import { migrationFolder } from './folder.ts'
import { inspect, type Inspector } from './inspector.ts'

const all = ['postgres', 'postgres-old', 'mysql', 'mariadb', 'sqlite'] as const

const withThree = async (
  kind: DatabaseKind,
  action: (at: Place, inspector: Inspector) => Promise<void>,
): Promise<void> => {
  await using database = await testDatabase(kind)
  await using folder = await migrationFolder(3, (version) => ({
    up: `create table t${version} (\n  id int\n);\n`,
    down: `drop table t${version};\n`,
  }))
  await using inspector = await inspect(kind, database.url)
  await action({ path: folder.path, url: database.url }, inspector)
}

const fileOf = ({ path }: Place, version: number): string =>
  join(path, `00000${version}_step.up.sql`)

/** Commits what is in the folder, with no settings of the machine. */
const commit = ({ path }: Place): void => {
  const git = (...args: string[]): void => {
    execFileSync('git', ['-c', 'user.name=a', '-c', 'user.email=a@b', ...args], {
      cwd: path,
      stdio: 'ignore',
      env: { ...process.env, GIT_CONFIG_GLOBAL: '/dev/null', GIT_CONFIG_SYSTEM: '/dev/null' },
    })
  }
  git('init')
  git('add', '.')
  git('commit', '--message', 'applied')
}

interface Event {
  readonly kind: string
  readonly version: string | null
  readonly message: string | null
}

const history = async (at: Place, ...args: string[]): Promise<readonly Event[]> => {
  const { code, stdout } = await mig(at, 'history', '--json', ...args)
  expect(code).toBe(0)
  return (JSON.parse(stdout) as { readonly result: { readonly events: readonly Event[] } }).result
    .events
}

describeDatabase(all, 'a file that was changed after it was applied', (kind) => {
  test('stops runs, is shown as a diff, and can be accepted', { timeout: 120_000 }, async () => {
    await withThree(kind, async (at) => {
      await succeed(at, 'up', '2')
      const file = fileOf(at, 2)
      await writeFile(file, 'create table t2 (\r\n  id int\r\n);\r\n')
      await succeed(at, 'verify')
      await writeFile(file, 'create table t2 (\n  id bigint\n);\n')
      const unknown = await mig(at, 'verify')
      expect(unknown.code).toBe(6)
      expect(unknown.stdout).toContain('000002_step.up.sql was changed after it was applied')
      expect(unknown.stdout, 'nobody knows the old text').not.toContain('-  id int')
      await writeFile(file, 'create table t2 (\n  id int\n);\n')
      commit(at)
      await writeFile(file, 'create table t2 (\n  id bigint\n);\n')
      expect((await mig(at, 'verify')).stdout).toContain('    -  id int\n    +  id bigint\n')
      for (const line of [['up'], ['goto', '3'], ['redo']]) {
        const { code, stderr } = await mig(at, ...line)
        expect(code, line.join(' ')).toBe(6)
        expect(stderr).toContain('    -  id int\n    +  id bigint\n')
        expect(stderr).toContain('mig verify --accept 2 --reason TEXT')
      }
      expect((await mig(at, 'status', '--check')).code).toBe(6)
      expect((await mig(at, 'verify', '--accept', '2')).code).toBe(2)
      await succeed(at, 'verify', '--accept', '2', '--reason', 'wider on the next database')
      await succeed(at, 'verify')
      await succeed(at, 'up')
      expect(await history(at, '--version', '2', '--limit', '1')).toMatchObject([
        { kind: 'accepted', version: '2', message: 'wider on the next database' },
      ])
    })
  })
})

describeDatabase(all, 'a file that came late', (kind) => {
  test('is an error, left out, or applied, as the config says', { timeout: 120_000 }, async () => {
    await withThree(kind, async (at, inspector) => {
      const lateFile = fileOf(at, 2)
      await rm(lateFile)
      await rm(lateFile.replace('.up.', '.down.'))
      await succeed(at, 'up')
      await writeFile(lateFile, 'create table t2 (\n  id int\n);\n')
      const refused = await mig(at, 'up')
      expect(refused.code).toBe(6)
      expect(refused.stderr).toContain(
        "Version 2 is below the database's version 3 and was never applied",
      )
      const config = join(at.path, 'mig.config.json')
      await writeFile(config, '{"outOfOrder": "warn"}')
      const warned = await mig(at, 'up', '--config', config)
      expect(warned).toMatchObject({ code: 0 })
      expect(warned.stderr).toContain('Version 2 is below')
      expect((await mig(at, 'status')).stdout).toMatch(/2 +out of order/)
      await writeFile(config, '{"outOfOrder": "apply"}')
      await succeed(at, 'up', '--config', config)
      await inspector.rows('select id from t2')
      expect(await inspector.rows('select version from schema_migrations')).toEqual([['3']])
      expect((await mig(at, 'status', '--check')).code).toBe(0)
    })
  })
})

describeDatabase(all, 'no ledger', (kind) => {
  test(
    'is made with --no-ledger, nor with a config that says so',
    { timeout: 60_000 },
    async () => {
      await withThree(kind, async (at, inspector) => {
        const config = join(at.path, 'mig.config.json')
        await writeFile(config, '{"ledger": false}')
        await succeed(at, 'up', '1', '--no-ledger')
        await succeed(at, 'up', '--config', config)
        await succeed(at, 'down', '--no-ledger')
        await expect(inspector.rows('select 1 from schema_migrations_history')).rejects.toThrow(
          /schema_migrations_history/,
        )
        expect(await inspector.rows('select version from schema_migrations')).toEqual([['2']])
      })
    },
  )
})
