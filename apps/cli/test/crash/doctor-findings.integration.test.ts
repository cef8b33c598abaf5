import { testDatabase, type DatabaseKind, type TestDatabase } from '@mig/testing'
import { describeDatabase } from '@mig/testing/vitest'
import { expect, test } from 'vitest'
import type { DoctorReport } from '../../src/doctor-report.ts'
import { doctor, mig, succeed, type Place } from './doctor-report.ts'
import { migrationFolder } from './folder.ts'
import { inspect, type Inspector } from './inspector.ts'

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

/** Codes and titles of what is wrong, or worth knowing, but for the settings of the server. */
const titles = ({ findings }: DoctorReport): string[] =>
  findings
    .filter(({ code }) => code !== 'WEAK_DURABILITY' && code !== 'CLOCK_SKEW')
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
        const codes = (await doctor(at)).findings.map(({ code }) => code)
        expect(codes.some((code) => code === 'LEDGER_NEWER' || code === 'LEDGER_UNUSABLE')).toBe(
          true,
        )
        await succeed(at, 'down')
        expect(await inspector.rows(count)).toEqual(before)
        await inspector.rows('drop table schema_migrations_history')
        await succeed(at, 'up')
      })
    },
  )
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
