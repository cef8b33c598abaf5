import { startServer, type OwnServer } from '@mig/testing'
import { describeOwnServer } from '@mig/testing/vitest'
import { afterAll, beforeAll, expect, test } from 'vitest'
import { versionOf, rowsOf, run, tablesOf } from './admin.ts'
import { up, upFails, withMigrator } from './migrate.ts'

describeOwnServer(['mysql', 'mariadb'], 'a server of its own', (kind) => {
  let server: OwnServer
  beforeAll(async () => {
    server = await startServer(kind, { serverArgs: ['--max-allowed-packet=1M'] })
  })
  afterAll(async () => server.stop())

  test('27 kill-server-tail: nothing that was reported is lost', async () => {
    await using database = await server.createDatabase()
    const { url } = database
    const scripts: Record<number, string> = { 1: 'create table a (i int); create table b (i int)' }
    const tails = ['', 'drop table a', 'insert into b values (1)', 'create table c (i int)']
    for (const [index, tail] of tails.entries()) {
      const version = index + 2
      scripts[version] = tail
      const result = await withMigrator(url, scripts, (migrator) => migrator.up())
      expect(result).toMatchObject({
        to: { version: BigInt(version) },
        durability: { confirmed: true },
      })
      await server.kill()
      await server.start()
      expect(await versionOf(url)).toEqual([[String(version), 0]])
      const [last] = await rowsOf(
        url,
        'SELECT kind, version FROM schema_migrations_history ORDER BY id DESC LIMIT 1',
      )
      expect(last).toEqual(['applied', String(version)])
    }
    expect(await tablesOf(url)).toEqual([
      'b',
      'c',
      'schema_migrations',
      'schema_migrations_history',
    ])
    expect(await rowsOf(url, 'SELECT * FROM b')).toHaveLength(1)
  })

  const running = async (url: string, pattern: string): Promise<void> => {
    for (;;) {
      const found = await rowsOf(
        url,
        `SELECT 1 FROM information_schema.processlist WHERE info LIKE '${pattern}' AND id <> CONNECTION_ID()`,
      )
      if (found.length > 0) return
      await new Promise((resolve) => setTimeout(resolve, 20))
    }
  }

  test('a server that dies in the middle of a step', async () => {
    await using database = await server.createDatabase()
    const { url } = database
    const slow = 'select * from (select sleep(30)) dies'
    const first = { 1: 'create table t (i int)' }
    const transactional = upFails(url, {
      ...first,
      2: `insert into t values (1); ${slow}`,
    })
    await running(url, '%sleep(30)) dies')
    await server.kill()
    expect(await transactional).toMatchObject({
      code: 'CONNECTION_LOST',
      details: { failed: { version: 2n }, state: null },
    })
    await server.start()
    expect(await versionOf(url)).toEqual([['1', 0]])
    expect(await rowsOf(url, 'SELECT * FROM t')).toEqual([])

    const nonTransactional = upFails(url, { ...first, 2: `create table u (i int); ${slow}` })
    await running(url, '%sleep(30)) dies')
    await server.kill()
    expect(await nonTransactional).toMatchObject({
      code: 'CONNECTION_LOST',
      details: { failed: { statement: 2 }, state: null },
    })
    await server.start()
    expect(await versionOf(url)).toEqual([['2', 1]])
    const journal = await rowsOf(
      url,
      "SELECT statement FROM schema_migrations_history WHERE kind = 'statement'",
    )
    expect(journal).toEqual([[1]])
  })

  test('a statement longer than max_allowed_packet is refused, others of a large script run', async () => {
    await using database = await server.createDatabase()
    const { url } = database
    const insert = `insert into t values ('${'x'.repeat(900_000)}');\n`
    const scripts = { 1: 'create table t (s longtext)', 2: insert.repeat(4) }
    await up(url, scripts)
    const error = await upFails(url, {
      ...scripts,
      3: `\n${insert.replace("'", "'more" + 'x'.repeat(200_000))}`,
    })
    expect(error).toMatchObject({
      code: 'INVALID_BODY',
      message: expect.stringMatching(/^3_x.up.sql:2:1: .* max_allowed_packet is 1.0 MB/),
      details: { file: '3_x.up.sql', line: 2 },
    })
    expect(await versionOf(url)).toEqual([['2', 0]])
  })

  test('a read-only server is named as the reason', async () => {
    await using database = await server.createDatabase()
    const { url } = database
    await run(
      url,
      `CREATE USER reader@'%' IDENTIFIED BY 'r'; GRANT ALL ON \`${database.name}\`.* TO reader@'%'; SET GLOBAL read_only = 1`,
    )
    try {
      const own = new URL(url)
      own.username = 'reader'
      own.password = 'r'
      const error = await upFails(own.href, { 1: 'create table a (i int)' })
      expect(error).toMatchObject({
        code: 'DATABASE_FAILED',
        hint: expect.stringContaining('Connect to the primary'),
      })
      expect(await withMigrator(own.href, { 1: '' }, (migrator) => migrator.version())).toEqual({
        version: null,
        dirty: false,
      })
    } finally {
      await run(url, "SET GLOBAL read_only = 0; DROP USER reader@'%'")
    }
  })
})
