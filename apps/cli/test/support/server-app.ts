import type { DatabaseKind } from '@mig/testing'
import { expect } from 'vitest'
import { inspect, versionOf } from '../crash/inspector.ts'
import { project, type Project } from './project.ts'
import { spawnMig, type ProcessEnd, type SpawnOptions } from './spawn-mig.ts'

/** A project on a real database, and the `mig` of its folder in processes of their own. */
export interface ServerApp {
  readonly app: Project
  readonly mig: (argv: readonly string[], options?: Partial<SpawnOptions>) => Promise<ProcessEnd>
}

/** A project of one migration that creates `users`. */
export const serverApp = (
  url: string,
  files: Readonly<Record<string, string>> = oneMigration,
): ServerApp => {
  const app = project(files)
  return {
    app,
    mig: (argv, options = {}) =>
      spawnMig(argv, {
        cwd: app.folder,
        ...options,
        env: { MIG_DATABASE: url, ...options.env },
      }),
  }
}

export const oneMigration: Readonly<Record<string, string>> = {
  '1_users.up': 'create table users (id int primary key);',
  '1_users.down': 'drop table users;',
}

export const isPostgres = (kind: DatabaseKind): boolean => kind.startsWith('postgres')

/** The names of the database's tables, seen by a connection of the test's own. */
export const tablesOf = async (kind: DatabaseKind, url: string): Promise<(string | null)[]> => {
  await using inspector = await inspect(kind, url)
  const schema = isPostgres(kind) ? 'current_schema()' : 'database()'
  const rows = await inspector.rows(
    `select table_name from information_schema.tables where table_schema = ${schema} order by 1`,
  )
  return rows.map(([name]) => name ?? null)
}

/** The version row's row, its dirty mark as 0 or 1 on every database. */
export const stateOf = async (kind: DatabaseKind, url: string): Promise<string> => {
  await using inspector = await inspect(kind, url)
  const versionTable = await versionOf(inspector)
  return versionTable.replace('false', '0').replace('true', '1')
}

/** Returns when a statement that has this text runs in the database. */
export const untilRunning = async (
  kind: DatabaseKind,
  url: string,
  text: string,
): Promise<void> => {
  await using inspector = await inspect(kind, url)
  const sessions = isPostgres(kind)
    ? `select query from pg_stat_activity where datname = current_database() and state = 'active' and pid <> pg_backend_pid()`
    : `select info from information_schema.processlist where db = database() and id <> connection_id()`
  await expect
    .poll(async () => (await inspector.rows(sessions)).some(([query]) => query?.includes(text)), {
      interval: 50,
      timeout: 30_000,
    })
    .toBe(true)
}

/** A failure as people and programs should see it: one error, nothing on stdout, no stack trace. */
export const expectOneError = (run: ProcessEnd, exitCode: number): void => {
  expect(run.code, run.stdout + run.stderr).toBe(exitCode)
  expect(run.signal).toBeNull()
  expect(run.stdout).toBe('')
  expect(run.stderr.match(/^Error: /gm), run.stderr).toHaveLength(1)
  expect(run.stderr).not.toMatch(/\n {4}at .*\.[jt]s:/)
  expect(run.stderr).not.toMatch(/INTERNAL_ERROR|UnhandledPromise|node:internal/)
}
