import { setTimeout as sleep } from 'node:timers/promises'
import { atDepth, withSeed, type Random } from '@mig/internal-testing'
import { testDatabase, type DatabaseKind } from '@mig/testing'
import { describeDatabase } from '@mig/testing/vitest'
import { expect, test } from 'vitest'
import { migrationFolder } from './folder.ts'
import { inspect, versionOf, type Inspector } from './inspector.ts'
import { runMig, startMig } from './mig-process.ts'

const kills = atDepth({ quick: 4, ci: 12, full: 40 })
/** Too few for shares of them to mean anything. */
const few = kills < 10
const versions = 40

/** The pause in the middle of a script, so that kills meet scripts and not only the gaps between them. */
const pause: Readonly<Record<DatabaseKind, string>> = {
  postgres: 'select pg_sleep(0.01)',
  'postgres-old': 'select pg_sleep(0.01)',
  mysql: 'do sleep(0.01)',
  mariadb: 'do sleep(0.01)',
  sqlite:
    'with recursive n(i) as (select 1 union all select i + 1 from n where i < 100000) select count(*) from n',
}

/** Three statements: a table, a pause, another table. Half of a script is one table without the other. */
const script = (kind: DatabaseKind) => (version: number) => ({
  up: `create table a${version} (i int);\n${pause[kind]};\ncreate table b${version} (i int);\n`,
})

const tablesOf = async (kind: DatabaseKind, inspector: Inspector): Promise<Set<string>> => {
  const sql =
    kind === 'sqlite'
      ? "select name from sqlite_master where type = 'table'"
      : kind.startsWith('postgres')
        ? "select tablename from pg_tables where schemaname = 'public'"
        : 'select table_name from information_schema.tables where table_schema = database()'
  const rows = await inspector.rows(sql)
  return new Set(rows.flat().filter((name) => name !== null && /^[ab]\d+$/.test(name)) as string[])
}

/** Waits until no session of a killed client works on the database any more. */
const sessionsGone = async (kind: DatabaseKind, inspector: Inspector): Promise<void> => {
  if (kind === 'sqlite') return
  const sql = kind.startsWith('postgres')
    ? 'select count(*) from pg_stat_activity where datname = current_database() and pid <> pg_backend_pid()'
    : 'select count(*) from information_schema.processlist where db = database() and id <> connection_id()'
  for (const deadline = Date.now() + 20_000; Date.now() < deadline; await sleep(20)) {
    if ((await inspector.rows(sql))[0]?.[0] === '0') return
  }
  throw new Error('The session of the killed client does not end')
}

const applied = (count: number): string[] =>
  Array.from({ length: count }, (_, index) => [`a${index + 1}`, `b${index + 1}`]).flat()

/** Most kills come after a given step's line, the others anywhere between start and end. */
const momentOf = (
  index: number,
  random: Random,
): { readonly step?: number; readonly share: number } =>
  index % 4 === 3
    ? { share: (index + 1) / (kills + 1) }
    : { step: 1 + Math.floor((index / kills) * (versions - 3)), share: random.below(1000) / 1000 }

const killOnce = async (
  kind: DatabaseKind,
  path: string,
  lengthMs: number,
  index: number,
  random: Random,
): Promise<{ readonly version: number; readonly dirty: boolean }> => {
  await using database = await testDatabase(kind)
  const moment = momentOf(index, random)
  const mig = startMig(['up', '--path', path, '--database', database.url])
  if (moment.step === undefined) {
    await sleep(moment.share * lengthMs)
  } else {
    await mig.line(new RegExp(`^\\[${moment.step}/`))
    await sleep(moment.share * 12)
  }
  mig.child.kill('SIGKILL')
  await mig.exit

  await using inspector = await inspect(kind, database.url)
  await sessionsGone(kind, inspector)
  const versionTable = await versionOf(inspector).catch(() => 'none')
  const [version = '0', flag = '0'] = versionTable === 'none' ? [] : versionTable.split(' ')
  const at = Number(version)
  const dirty = flag === 'true' || flag === '1'
  const tables = await tablesOf(kind, inspector)
  const whole = applied(dirty ? at - 1 : at)
  expect([...tables].filter((name) => whole.includes(name)).toSorted()).toEqual(whole.toSorted())

  const rest = [...tables].filter((name) => !whole.includes(name))
  if (!dirty) {
    expect(rest).toEqual([])
    const next = await runMig(['up', '--path', path, '--database', database.url])
    expect(next.code, next.stderr).toBe(0)
    expect((await tablesOf(kind, inspector)).size).toBe(2 * versions)
  } else {
    await knownWithinOneStatement(inspector, at, rest)
    const next = await runMig(['up', '--path', path, '--database', database.url])
    expect(next.code).toBe(3)
  }
  return { version: at, dirty }
}

/** What the ledger calls done is there; at most the one statement after it may be there too. */
const knownWithinOneStatement = async (
  inspector: Inspector,
  version: number,
  rest: readonly string[],
): Promise<void> => {
  const [[done] = []] = await inspector.rows(
    `select coalesce(max(statement), 0) from schema_migrations_history where version = ${version} and kind = 'statement'`,
  )
  const effects = [[`a${version}`], [], [`b${version}`]]
  const certain = effects.slice(0, Number(done)).flat()
  const possible = effects.slice(0, Number(done) + 1).flat()
  for (const name of certain) expect(rest).toContain(name)
  for (const name of rest) expect(possible).toContain(name)
}

describeDatabase(['postgres', 'sqlite', 'mysql', 'mariadb'], 'kill -9 of mig up', (kind) => {
  test(
    `${kills} times over the run: every state is true`,
    { timeout: 60_000 + kills * 30_000 },
    async () => {
      await using folder = await migrationFolder(versions, script(kind))
      await using trial = await testDatabase(kind)
      const startedAt = performance.now()
      const whole = await runMig(['up', '--path', folder.path, '--database', trial.url])
      expect(whole.code, whole.stderr).toBe(0)
      const lengthMs = performance.now() - startedAt

      await withSeed(async (random, seed) => {
        console.log(`${kills} kills of mig up on ${kind}, seed ${seed}`)
        const outcomes = []
        for (let index = 0; index < kills; index++) {
          outcomes.push(await killOnce(kind, folder.path, lengthMs, index, random))
        }
        const inside = outcomes.filter(({ version }) => version > 0 && version < versions)
        // On a busy machine a kill can come after the end; a few of them can do so together.
        expect(inside.length).toBeGreaterThanOrEqual(few ? 1 : 0.6 * kills)
        const dirty = outcomes.filter((outcome) => outcome.dirty).length
        const expectDirty = kind === 'mysql' || kind === 'mariadb'
        // A few kills can all miss the steps that are not transactional.
        if (expectDirty && kills < 10) return
        expect(dirty > 0, `${dirty} of ${kills} kills left a dirty mark`).toBe(expectDirty)
      })
    },
  )
})
