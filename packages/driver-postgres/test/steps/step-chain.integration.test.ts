import { connect, createServer, type AddressInfo, type Socket } from 'node:net'
import { testDatabase, type TestDatabase } from '@mig/testing'
import { describeDatabase } from '@mig/testing/vitest'
import { afterEach, beforeEach, expect, test } from 'vitest'
import { run, tablesOf } from '../admin.ts'
import { attempt, migratorOn } from '../attempt.ts'
import { waitUntil } from '../wait-until.ts'

/** As many small steps as are sent after each other several times over. */
const count = 40

const tables = (scripts: Readonly<Record<number, string>> = {}): Record<string, string> =>
  Object.fromEntries(
    Array.from({ length: count }, (_, index) => {
      const version = index + 1
      return [`${version}_t.up.sql`, scripts[version] ?? `create table t${version} (i int)`]
    }),
  )

const upTo = (last: number): readonly string[] =>
  Array.from({ length: last }, (_, index) => `t${index + 1}`)

/** Passes a connection on to a server, and can be told to keep the server's answers back or to cut it. */
const startProxy = async (
  target: URL,
): Promise<{ url: string; mute(): void; cut(): void; close(): Promise<void> }> => {
  const sockets = new Set<Socket>()
  let muted = false
  const server = createServer((client) => {
    const upstream = connect(Number(target.port), target.hostname)
    for (const socket of [client, upstream]) {
      sockets.add(socket)
      socket.on('error', () => socket.destroy())
    }
    client.pipe(upstream)
    upstream.on('data', (data) => muted || client.write(data))
    client.on('close', () => upstream.destroy())
    upstream.on('close', () => client.destroy())
  })
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve))
  const url = new URL(target)
  url.hostname = '127.0.0.1'
  url.port = `${(server.address() as AddressInfo).port}`
  return {
    url: url.href,
    mute: () => (muted = true),
    cut: () => {
      muted = false
      for (const socket of sockets) socket.destroy()
      sockets.clear()
    },
    close: async () => new Promise((resolve) => server.close(() => resolve())),
  }
}

describeDatabase(['postgres', 'postgres-old'], 'steps that follow each other', (kind) => {
  let database: TestDatabase
  let url: string
  beforeEach(async () => {
    database = await testDatabase(kind)
    ;({ url } = database)
  })
  afterEach(async () => database.drop())

  const ownTables = async (): Promise<readonly string[]> => {
    const names = (await tablesOf(url)).filter((name) => /^t\d+$/.test(name))
    return names.toSorted((a, b) => Number(a.slice(1)) - Number(b.slice(1)))
  }

  test('end at the one that fails, and none after it is there', async () => {
    const { error, events, state } = await attempt(
      url,
      tables({ 20: 'create table t20 (i int); insert into nowhere values (1)' }),
    )
    expect(error).toMatchObject({
      code: 'MIGRATION_FAILED',
      details: { failed: { version: 20n, statement: 2 }, state: { version: 19n, dirty: false } },
    })
    expect(error?.details.applied?.map(({ version }) => Number(version))).toEqual(
      upTo(19).map((name) => Number(name.slice(1))),
    )
    expect(state).toEqual({ version: 19n, dirty: false })
    expect(await ownTables()).toEqual(upTo(19))
    const told = (type: string): readonly number[] =>
      events.flatMap((event) => {
        if (event.type !== type) return []
        if (event.type === 'step-started') return [Number(event.version)]
        return event.type === 'step-finished' ? [Number(event.result.version)] : []
      })
    expect(told('step-started')).toEqual(upTo(20).map((name) => Number(name.slice(1))))
    expect(told('step-finished')).toEqual(upTo(19).map((name) => Number(name.slice(1))))
    expect(await run(url, 'SELECT kind FROM schema_migrations_history ORDER BY id')).toEqual([
      ...upTo(19).map(() => ({ kind: 'applied' })),
      { kind: 'failed' },
    ])
  })

  test('do not go on after a request to stop, although the next is on its way', async () => {
    const stop = new AbortController()
    const migrator = await migratorOn(
      url,
      tables({
        1: 'create table t1 (i int); select pg_sleep(0.5)',
      }),
    )
    try {
      const running = migrator.up({ stop: stop.signal })
      await waitUntil('the first step sleeps', async () => {
        const rows = await run(
          url,
          `SELECT 1 FROM pg_stat_activity WHERE datname = current_database()
            AND state = 'active' AND wait_event = 'PgSleep'`,
        )
        return rows.length > 0
      })
      stop.abort()
      expect(await running).toMatchObject({
        stopped: true,
        to: { version: 1n, dirty: false },
        durability: { confirmed: true },
      })
      expect(await migrator.version()).toEqual({ version: 1n, dirty: false })
      expect(await ownTables()).toEqual(['t1'])
    } finally {
      await migrator.close()
    }
  })

  test('are all accounted for when they are called off, wherever the server is with them by then', async () => {
    let stop = new AbortController()
    const finished: bigint[] = []
    const migrator = await migratorOn(url, tables(), {
      onEvent: (event) => {
        if (event.type !== 'step-finished') return
        finished.push(event.result.version)
        if (finished.length === 3) stop.abort()
      },
    })
    try {
      for (let round = 0; round < 100; round++) {
        const { steps, to, stopped } = await migrator.up({ stop: stop.signal })
        const { version } = await migrator.version()
        expect({ round, steps: steps.length, to: to.version, stopped }).toEqual({
          round,
          steps: Number(version),
          to: version,
          stopped: true,
        })
        expect(await ownTables()).toEqual(upTo(Number(version)))
        expect(finished).toHaveLength(Number(version))
        await migrator.drop()
        finished.length = 0
        stop = new AbortController()
      }
    } finally {
      await migrator.close()
    }
  })

  test('are all accounted for when the session is ended in the middle', async () => {
    const { error, state } = await attempt(
      url,
      tables({ 10: 'select pg_terminate_backend(pg_backend_pid())' }),
    )
    expect(error).toMatchObject({
      code: 'CONNECTION_LOST',
      details: { failed: { version: 10n }, state: { version: 9n, dirty: false } },
    })
    expect(error?.details.applied).toHaveLength(9)
    expect(state).toEqual({ version: 9n, dirty: false })
    expect(await ownTables()).toEqual(upTo(9))
  })

  test('are all accounted for when the server goes on and its answers get lost', async () => {
    const proxy = await startProxy(new URL(url))
    const migrator = await migratorOn(proxy.url, tables({ 7: 'select pg_sleep(600)' }), {
      onEvent: (event) => {
        if (event.type === 'step-finished' && event.result.version === 2n) proxy.mute()
      },
    })
    try {
      const running = migrator.up().catch((error: unknown) => error)
      // Four are under way: the server has all of them done when it has the sixth.
      await waitUntil('the sixth step is done', async () => (await ownTables()).includes('t6'))
      proxy.cut()
      expect(await running).toMatchObject({
        code: 'CONNECTION_LOST',
        details: { state: { version: 6n, dirty: false }, applied: { length: 6 } },
      })
      expect(await ownTables()).toEqual(upTo(6))
    } finally {
      await migrator.close()
      await proxy.close()
    }
  })

  test('end with the error of a listener that throws, and the session goes on', async () => {
    const migrator = await migratorOn(url, tables(), {
      onEvent: (event) => {
        if (event.type === 'step-finished' && event.result.version === 5n) throw new Error('mine')
      },
    })
    try {
      const error = await migrator.up().catch((thrown: unknown) => thrown)
      expect(String(error)).toContain('mine')
      const { version, dirty } = await migrator.version()
      expect(dirty).toBe(false)
      expect(await ownTables()).toEqual(upTo(Number(version)))
      expect(Number(version)).toBeGreaterThanOrEqual(5)
    } finally {
      await migrator.close()
    }
  })

  test('stay one transaction each, and leave nothing on the session to each other', async () => {
    const { error, state } = await attempt(
      url,
      tables({
        2: "create type mood as enum ('sad'); set search_path = nowhere",
        3: "alter type mood add value 'glad'",
        4: "create table t4 (m mood default 'glad')",
      }),
    )
    expect(error).toBeUndefined()
    expect(state).toEqual({ version: 40n, dirty: false })
    expect(await ownTables()).toHaveLength(38)
  })
})
