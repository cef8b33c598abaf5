import { rm, writeFile } from 'node:fs/promises'
import { hostname } from 'node:os'
import { join } from 'node:path'
import { testDatabase, type DatabaseKind, type TestDatabase } from '@mig/testing'
import { describeDatabase } from '@mig/testing/vitest'
import { expect, test } from 'vitest'
import type { DoctorReport } from '../../src/reports/doctor-report.ts'
import { doctor, mig, succeed, type Place } from './doctor-report.ts'
import { migrationFolder } from './folder.ts'
import { inspect, type Inspector } from './inspector.ts'
import { runMig, startMig } from './mig-process.ts'

interface Patient {
  readonly at: Place
  readonly database: TestDatabase
  readonly inspector: Inspector
}

/** A migrated database, and a connection to make a mess of it. */
const withPatient = async (
  kind: DatabaseKind,
  action: (patient: Patient) => Promise<void>,
): Promise<void> => {
  await using database = await testDatabase(kind)
  await using folder = await migrationFolder(1, () => ({
    up: 'create table people (id int);\n',
    down: 'drop table people;\n',
  }))
  const at: Place = { path: folder.path, url: database.url }
  await succeed(at, 'up')
  await using inspector = await inspect(kind, database.url)
  await action({ at, database, inspector })
}

/** What depends on the server of the tests, and on the user they come as. */
const ofTheServer = new Set(['WEAK_DURABILITY', 'CLOCK_SKEW', 'EXCESS_RIGHTS'])

/** Codes and titles of what is wrong, or worth knowing, but for the settings of the server. */
const titles = ({ findings }: DoctorReport): string[] =>
  findings
    .filter(({ code }) => !ofTheServer.has(code))
    .map(({ code, title }) => `${code}: ${title}`)

const all = ['postgres', 'postgres-old', 'mysql', 'mariadb', 'sqlite'] as const

describeDatabase(all, 'mig doctor', (kind) => {
  test('finds nothing wrong with a database that is in order', { timeout: 60_000 }, async () => {
    await withPatient(kind, async ({ at }) => {
      expect(titles(await doctor(at))).toEqual([])
    })
  })

  test('keeps a ledger that one query reads on every database', async () => {
    await withPatient(kind, async ({ inspector }) => {
      const rows = await inspector.rows(
        'select version, direction, title, from_version, to_version, dirty, statement, statements, ' +
          'checksum, actor, tool, line, column_number, error_code, message, details ' +
          "from schema_migrations_history where kind = 'applied' order by id",
      )
      expect(rows).toHaveLength(1)
    })
  })

  test('finds a second row, and a table in place of the ledger', { timeout: 60_000 }, async () => {
    await withPatient(kind, async ({ at, inspector }) => {
      await inspector.rows(
        `insert into schema_migrations (version, dirty) values (0, ${kind.startsWith('postgres') ? 'false' : '0'})`,
      )
      await inspector.rows('drop table schema_migrations_history')
      await inspector.rows('create table schema_migrations_history (other int)')
      const found = await doctor(at)
      const codes = found.findings.map(({ code }) => code)
      expect(codes).toContain('EXTRA_ROWS')
      expect(codes).toContain('LEDGER_UNUSABLE')
      expect(found.healthy).toBe(false)
    })
  })

  test(
    'reads the ledger of a newer release, and leaves it alone',
    { timeout: 60_000 },
    async () => {
      await withPatient(kind, async ({ at, inspector }) => {
        const count = 'select count(*) from schema_migrations_history'
        const before = await inspector.rows(count)
        await inspector.rows('update schema_migrations_history set format = 2')
        expect(titles(await doctor(at))).toEqual([
          'LEDGER_NEWER: The ledger has format 2, and this release writes format 1',
        ])
        const history = await mig(at, 'history')
        expect(history).toMatchObject({ code: 0 })
        expect(history.stdout).toMatch(/applied/)
        const down = await mig(at, 'down')
        expect(down.code).toBe(0)
        expect(down.stderr).toMatch(/^Warning: No ledger is kept: .*newer release.*$/m)
        expect(await inspector.rows(count)).toEqual(before)
        await inspector.rows('drop table schema_migrations_history')
        await succeed(at, 'up')
      })
    },
  )
})

describeDatabase(all, 'a database ahead of its files', (kind) => {
  test('is explained, and nothing runs but with --allow-ahead', { timeout: 60_000 }, async () => {
    await withPatient(kind, async ({ at, inspector }) => {
      const { path } = at
      await writeFile(join(path, '000002_pets.up.sql'), 'create table pets (id int);\n')
      await succeed(at, 'up')
      await rm(join(path, '000002_pets.up.sql'))
      expect(titles(await doctor(at))).toEqual([
        'AHEAD_OF_FILES: The database is at version 2, which no file has',
      ])
      for (const command of ['up', 'down', 'redo']) {
        expect((await mig(at, command)).code, command).toBe(6)
      }
      const start = await mig(at, 'up', '--allow-ahead')
      expect(start.code).toBe(0)
      expect(start.stderr).toContain('newer than every file')
      expect(await inspector.rows('select version from schema_migrations')).toEqual([['2']])
    })
  })
})

describeDatabase(all, 'a database without its ledger', (kind) => {
  test('is a plain database of golang-migrate, and goes on', { timeout: 60_000 }, async () => {
    await withPatient(kind, async ({ at, inspector }) => {
      await inspector.rows('drop table schema_migrations_history')
      expect(titles(await doctor(at))).toEqual([])
      expect((await mig(at, 'status', '--check')).code).toBe(0)
      expect((await mig(at, 'history')).code).toBe(0)
      await succeed(at, 'down', '--no-ledger')
      await succeed(at, 'up', '--no-ledger')
    })
  })
})

/** A script that takes longer than any test, in one statement. */
const endless: Readonly<Record<Exclude<DatabaseKind, 'sqlite'>, string>> = {
  postgres: 'select pg_sleep(600)',
  'postgres-old': 'select pg_sleep(600)',
  mysql: 'select sleep(600)',
  mariadb: 'select sleep(600)',
}

describeDatabase(['postgres', 'postgres-old', 'mysql', 'mariadb'], 'a run under way', (kind) => {
  test('is named as the holder of the lock', { timeout: 120_000 }, async () => {
    await withPatient(kind, async ({ at }) => {
      await writeFile(join(at.path, '000002_long.up.sql'), `${endless[kind]};\n`)
      const up = startMig(['up', '--path', at.path, '--database', at.url])
      try {
        await up.line(/up 2 long/)
        const { findings, healthy } = await doctor(at)
        const [held] = findings.filter(({ code }) => code === 'LOCK_HELD')
        if (kind === 'mariadb') {
          // It does not show others what a client says of itself.
          expect(held?.title).toMatch(/^The lock is held by connection \d+ of /)
        } else {
          expect(held?.title).toContain(hostname())
          expect(held?.title).toContain(String(up.child.pid))
        }
        expect(healthy, 'a run is nothing wrong').toBe(true)
      } finally {
        up.child.kill('SIGINT')
        await up.line(/Once more to cancel it/)
        up.child.kill('SIGINT')
        // To MySQL a SLEEP that is cut short is not an error.
        expect((await up.exit).code).toBe(kind === 'mysql' ? 0 : 130)
      }
    })
  })

  test('on a machine whose clock is wrong is told so', { timeout: 60_000 }, async () => {
    await withPatient(kind, async ({ at }) => {
      const shifted = 'data:text/javascript,const%20now=Date.now;Date.now=()=>now()-3600000'
      const { stdout } = await runMig(
        ['doctor', '--json', '--path', at.path, '--database', at.url],
        { NODE_OPTIONS: `--import=${shifted}` },
      )
      const { result } = JSON.parse(stdout) as { readonly result: DoctorReport }
      const skew = result.findings.filter(({ code }) => code === 'CLOCK_SKEW')
      expect(skew.map(({ title }) => title)).toEqual([
        expect.stringMatching(/^The server's clock is (?:3[56]\d\d) s ahead of this machine's$/),
      ])
    })
  })
})

describeDatabase('sqlite', 'mig doctor on SQLite', (kind) => {
  test('finds a writer, a setting that forgets, and a file that cannot be written', async () => {
    await withPatient(kind, async ({ at, inspector }) => {
      await inspector.rows('begin immediate')
      expect(titles(await doctor(at))).toEqual([
        'LOCK_HELD: The lock is held by another connection',
      ])
      await inspector.rows('commit')
      const codesWith = async (query: string): Promise<readonly string[]> =>
        (await doctor({ ...at, url: `${at.url}?${query}` })).findings.map(({ title }) => title)
      expect(await codesWith('_synchronous=OFF')).toEqual(['PRAGMA synchronous is OFF'])
      expect(await codesWith('_query_only=1')).toEqual([
        'Nothing can be written here: query_only is on',
      ])
    })
  })
})

describeDatabase(['postgres', 'postgres-old'], 'mig doctor on PostgreSQL', (kind) => {
  test('finds a second version table that another search path would find', async () => {
    await withPatient(kind, async ({ at, inspector }) => {
      await inspector.rows('create schema app')
      await inspector.rows(
        'create table app.schema_migrations as select 7::bigint as version, true as dirty',
      )
      const report = await doctor(at)
      expect(titles(report)).toEqual([
        'OTHER_VERSION_TABLE: There is another version table: "app"."schema_migrations", at 7 (dirty)',
      ])
      expect(report.findings[0]?.why).toContain('public.schema_migrations')
    })
  })

  test('finds settings of the database under which a run is lost, or none can be', async () => {
    await withPatient(kind, async ({ at, database, inspector }) => {
      await inspector.rows(`alter database ${database.name} set synchronous_commit = off`)
      await inspector.rows(`alter database ${database.name} set default_transaction_read_only = on`)
      const { findings, healthy } = await doctor(at)
      const told = findings.map(({ title }) => title)
      expect(told).toContain('synchronous_commit is off')
      expect(told).toContain('Nothing can be written here: default_transaction_read_only is on')
      expect(healthy).toBe(false)
      expect((await mig(at, 'down')).code).toBe(1)
      await inspector.rows(`alter database ${database.name} reset default_transaction_read_only`)
    })
  })

  test('finds a row in the lock table, and who holds the lock', async () => {
    await withPatient(kind, async ({ at, inspector }) => {
      await inspector.rows('create table schema_lock (lock_id bigint not null primary key)')
      await inspector.rows('insert into schema_lock values (1)')
      const [lock] = titles(await doctor(at))
      expect(lock).toBe('LOCK_ROW: The lock table "public"."schema_lock" has a row')
    })
  })

  test('finds what a user may not do', { timeout: 60_000 }, async () => {
    await withPatient(kind, async ({ at, database, inspector }) => {
      const role = `limited_${database.name}`
      await inspector.rows(`create role ${role} login password 'limited'`)
      try {
        await inspector.rows('revoke create on schema public from public')
        await inspector.rows(`grant select, insert, truncate on schema_migrations to ${role}`)
        await inspector.rows(`grant select on schema_migrations_history to ${role}`)
        const url = new URL(at.url)
        url.username = role
        url.password = 'limited'
        const { findings, healthy } = await doctor({ ...at, url: url.href })
        expect(healthy).toBe(false)
        const told = findings.filter(({ code }) => code === 'MISSING_RIGHT')
        expect(
          told.map(({ title, command }) => `${title} > ${command}`.replaceAll(database.name, 'DB')),
        ).toMatchInlineSnapshot(`
          [
            "The user may not create anything in the schema public of DB > GRANT CREATE ON SCHEMA "public" TO "limited_DB"",
            "The user may not UPDATE, DELETE on the version table "public"."schema_migrations" > GRANT SELECT, INSERT, UPDATE, DELETE ON "public"."schema_migrations" TO "limited_DB"",
            "The user may not INSERT on the ledger "public"."schema_migrations_history" > GRANT SELECT, INSERT ON "public"."schema_migrations_history" TO "limited_DB"",
          ]
        `)
      } finally {
        await inspector.rows(`drop owned by ${role}`)
        await inspector.rows(`drop role ${role}`)
      }
    })
  })

  test('does not mind a lock that is not its own', { timeout: 60_000 }, async () => {
    await withPatient(kind, async ({ at, inspector }) => {
      await inspector.rows('select pg_advisory_lock(1)')
      // Another lock is nobody's business.
      expect(titles(await doctor(at))).toEqual([])
      const { stdout } = await mig(at, 'doctor')
      expect(stdout).toContain('Nothing is wrong.')
    })
  })
})

describeDatabase(['mysql', 'mariadb'], 'mig doctor on MySQL', (kind) => {
  test('finds what a user may not do', { timeout: 60_000 }, async () => {
    await withPatient(kind, async ({ at, database, inspector }) => {
      const user = `u${database.name.slice(-12)}`
      await inspector.rows(`create user ${user} identified by 'limited'`)
      try {
        await inspector.rows(`grant select, insert, update on ${database.name}.* to ${user}`)
        const url = new URL(at.url)
        url.username = user
        url.password = 'limited'
        const { findings } = await doctor({ ...at, url: url.href })
        const told = findings.filter(({ code }) => code === 'MISSING_RIGHT')
        expect(
          told.map(({ title, command }) =>
            `${title} > ${command}`.replaceAll(database.name, 'DB').replaceAll(user, 'USER'),
          ),
        ).toMatchInlineSnapshot(`
          [
            "The user may not DELETE, CREATE, ALTER, DROP, INDEX in the database DB > GRANT DELETE, CREATE, ALTER, DROP, INDEX ON \`DB\`.* TO 'USER'@'%'",
          ]
        `)
      } finally {
        await inspector.rows(`drop user ${user}`)
      }
    })
  })
})
