import { setTimeout as sleep } from 'node:timers/promises'
import { testDepth } from '@mig/internal-testing'
import { testDatabase } from '@mig/testing'
import { describeDatabase } from '@mig/testing/vitest'
import { expect, test } from 'vitest'
import { doctor, mig, repair, saidOf, succeed, type Place } from './doctor-report.ts'
import { migrationFolder } from './folder.ts'
import { inspect, type Inspector } from './inspector.ts'
import { startMig } from './mig-process.ts'

/** Each statement needs a table of its own, `g1` to `g20`, and waits for it as long as another session has it locked. */
const statements: readonly { readonly sql: string; readonly tells: 'yes' | 'no' | 'if absent' }[] =
  [
    { sql: 'create table a1 as select i from g1', tells: 'yes' },
    { sql: 'alter table g2 add column c int', tells: 'yes' },
    { sql: 'create index i3 on g3 (i)', tells: 'yes' },
    { sql: 'insert into g4 values (1, 1)', tells: 'no' },
    { sql: 'create view v5 as select i from g5', tells: 'yes' },
    { sql: 'drop table g6', tells: 'yes' },
    { sql: 'rename table g7 to h7', tells: 'yes' },
    { sql: 'alter table g8 rename column i to j', tells: 'yes' },
    { sql: 'alter table g9 modify i bigint', tells: 'no' },
    {
      sql: 'create trigger t10 before insert on g10 for each row set new.i = new.i + 1',
      tells: 'yes',
    },
    { sql: 'alter table g11 drop column d', tells: 'yes' },
    { sql: 'drop index k12 on g12', tells: 'yes' },
    { sql: 'alter table g13 add constraint c13 check (i > 0)', tells: 'yes' },
    { sql: 'update g14 set i = i + 1', tells: 'no' },
    { sql: 'create table if not exists a15 as select i from g15', tells: 'if absent' },
    { sql: 'alter table g16 add index i16 (i), add column c int', tells: 'yes' },
    { sql: 'truncate table g17', tells: 'no' },
    { sql: 'alter table g18 change i j int', tells: 'yes' },
    { sql: 'delete from g19', tells: 'no' },
    { sql: 'alter table g20 add column c int, modify d bigint', tells: 'yes' },
  ]

const gates = statements
  .map(
    (_, at) =>
      `create table g${at + 1} (i int, d int, index k${at + 1} (d)) engine=InnoDB;\n` +
      `insert into g${at + 1} values (7, 7);\n`,
  )
  .join('')

const script = (version: number): { readonly up: string } => ({
  up: version === 1 ? gates : statements.map(({ sql }) => `${sql};\n`).join(''),
})

/** Everything that the script changes: columns, indexes, views, triggers, constraints, and the rows. */
const contents = async (inspector: Inspector): Promise<readonly string[]> => {
  const rows = await inspector.rows(
    'select concat_ws(" ", table_name, column_name, column_type, table_type) from information_schema.columns ' +
      'join information_schema.tables using (table_schema, table_name) ' +
      "where table_schema = database() and table_name not like 'schema_migrations%' union all " +
      'select concat_ws(" ", "index", table_name, index_name, column_name) from information_schema.statistics ' +
      "where table_schema = database() and table_name not like 'schema_migrations%' union all " +
      'select concat_ws(" ", "trigger", trigger_name) from information_schema.triggers where trigger_schema = database() union all ' +
      'select concat_ws(" ", "constraint", constraint_name) from information_schema.table_constraints ' +
      "where table_schema = database() and table_name not like 'schema_migrations%'",
  )
  const data = await Promise.all(
    ['a1', 'g4', 'g9', 'g14', 'a15', 'g17', 'g19'].map(async (name) => {
      const found = await inspector.rows(`select * from ${name} order by 1`).catch(() => [['gone']])
      return `${name}: ${found.map((row) => row.join(',')).join(' ')}`
    }),
  )
  return [...rows.flat().map(String).toSorted(), ...data]
}

const until = async (what: string, condition: () => Promise<boolean>): Promise<void> => {
  for (const deadline = Date.now() + 30_000; Date.now() < deadline; await sleep(10)) {
    if (await condition()) return
  }
  throw new Error(`Waited in vain: ${what}`)
}

const sessions = async (inspector: Inspector): Promise<readonly string[]> => {
  const rows = await inspector.rows(
    'select id from information_schema.processlist where db = database()',
  )
  return rows.flat().map(String)
}

/**
 * Kills `mig up` while statement `number` waits. Released afterwards, the server runs it to its end although nobody is
 * there any more; with its session killed first, it never runs.
 */
const killAt = async (at: Place, number: number, after: 'released' | 'ended'): Promise<void> => {
  const sql = statements[number - 1]?.sql
  await using watcher = await inspect('mysql', at.url)
  const gate = await inspect('mysql', at.url)
  const before = new Set(await sessions(watcher))
  const ofMig = async (): Promise<readonly string[]> =>
    (await sessions(watcher)).filter((id) => !before.has(id))
  await gate.rows(`lock tables g${number} write`)
  const up = startMig(['up', '--path', at.path, '--database', at.url])
  const waiting = async (): Promise<string | undefined> => {
    const rows = await watcher.rows(
      "select id, info from information_schema.processlist where db = database() and state like '%lock%'",
    )
    return rows.find(([, info]) => info === sql)?.[0] ?? undefined
  }
  await until('the statement waits', async () => (await waiting()) !== undefined)
  const id = await waiting()
  up.child.kill('SIGKILL')
  await up.exit
  if (after === 'ended') {
    await watcher.rows(`kill ${id}`)
    await until('its session ends', async () => !(await ofMig()).includes(String(id)))
  }
  await gate.close()
  await until('all sessions end', async () => (await ofMig()).length === 0)
}

/** Kills `mig up` at each of these statements, in databases of their own, and gives what the doctor said. */
const killAtEach = async (
  kind: 'mysql' | 'mariadb',
  numbers: readonly number[],
): Promise<readonly string[]> => {
  await using folder = await migrationFolder(2, script)
  await using whole = await testDatabase(kind)
  await succeed({ path: folder.path, url: whole.url }, 'up')
  await using wholeInspector = await inspect(kind, whole.url)
  const unbroken = await contents(wholeInspector)

  const said: string[] = []
  for (const number of numbers) {
    const tells = statements[number - 1]?.tells
    const after = number % 2 === 1 ? 'released' : 'ended'
    await using database = await testDatabase(kind)
    await using inspector = await inspect(kind, database.url)
    const at: Place = { path: folder.path, url: database.url }
    await succeed(at, 'up', '1')
    await killAt(at, number, after)
    const ran = after === 'released'
    const report = await doctor(at)
    const { diagnosis } = report
    const before = number - 1
    expect(diagnosis).toMatchObject({ recorded: before, possible: [before, number], by: 'mig' })
    const truth = ran ? number : before
    const known = tells === 'yes' || (tells === 'if absent' && !ran)
    expect(diagnosis?.standing, `statement ${number} ${after}`).toEqual(
      known ? [truth] : [before, number],
    )
    said.push(`${number}, ${after}:\n${saidOf(report)}`)

    if (known) {
      const result = await repair(at, '--resume')
      expect(result).toMatchObject({ ran: statements.length - truth })
    } else {
      const refused = await mig(at, 'repair', '--resume')
      expect(refused.code).toBe(3)
      expect(refused.stderr).toContain(`--resume --from-statement ${number}`)
      await repair(at, '--resume', '--from-statement', `${truth + 1}`)
    }
    expect(await contents(inspector), `statement ${number} ${after}`).toEqual(unbroken)
    expect((await doctor(at)).state).toEqual({ version: '2', dirty: false })
    await succeed(at, 'up')
  }
  return said
}

describeDatabase(
  ['mysql', 'mariadb'],
  'a script of 20 statements, killed at each of them',
  (kind) => {
    test.skipIf(testDepth() === 'quick')(
      'the doctor knows to within one statement, and is never wrong',
      { timeout: 600_000 },
      async () => {
        const said = await killAtEach(
          kind,
          statements.map((_, index) => index + 1),
        )
        expect(said.join('\n\n')).toMatchSnapshot()
      },
    )

    test.runIf(testDepth() === 'quick')(
      'the doctor knows it of two that stand for the others (all at depth ci and full)',
      { timeout: 120_000 },
      async () => {
        expect(await killAtEach(kind, [1, 4])).toHaveLength(2)
      },
    )
  },
)
