import {
  joinErrors,
  lockedText,
  notLockedText,
  queryError,
  toError,
  type DropInContext,
  type DropInDriver,
} from '@mig/golang-migrate'
import { cutAtSemicolons } from './multi-statement.ts'
import { scriptError, clientText, isServerError } from './errors.ts'
import { postgresDropInLock, type PostgresDropInLock } from './lock.ts'
import { dropTables, makeTable, readVersion, writeVersion } from './version-table.ts'
import { readPostgresDropInUrl, tableNameOf, type PostgresDropInSettings } from './url.ts'
import { openSession, type PostgresSession } from './session.ts'

/** Opens a PostgreSQL database as golang-migrate does. */
export const openDropIn = async (url: string, context: DropInContext): Promise<DropInDriver> => {
  const [settings, parsed] = readPostgresDropInUrl(url)
  const open = (): Promise<PostgresSession> => openSession(settings.client, parsed, context)
  const session = await open()
  try {
    return await prepare(session, settings, open)
  } catch (error) {
    await session.close().catch(() => {})
    throw error
  }
}

const prepare = async (
  session: PostgresSession,
  settings: PostgresDropInSettings,
  openAnother: () => Promise<PostgresSession>,
): Promise<DropInDriver> => {
  const { client, lockDatabase } = settings
  const databaseName =
    lockDatabase === '' ? await askName(session, settings, 'DATABASE') : lockDatabase
  if (databaseName === null || databaseName === '') throw new Error('no database name')
  const schema = await askName(session, settings, 'SCHEMA')
  if (schema === null) throw new Error(noSchemaText(client))
  const name = tableNameOf(settings, schema)
  const lock = postgresDropInLock({ session, openAnother, settings, name, databaseName })
  const driver = dropIn(session, settings, lock, name)
  await lock.makeTable()
  await driver.lock()
  const failed = await makeTable(session, client, name).catch(toError)
  const unlocked = await driver.unlock().catch(toError)
  const error = joinErrors(failed ?? undefined, unlocked ?? undefined)
  if (error !== undefined) throw error
  return driver
}

const noSchemaText = (client: PostgresDropInSettings['client']): string =>
  client === 'pq'
    ? 'no schema'
    : 'sql: Scan error on column index 0, name "current_schema": converting NULL to string is unsupported in line 0: SELECT CURRENT_SCHEMA()'

const askName = async (
  session: PostgresSession,
  { client }: PostgresDropInSettings,
  what: 'DATABASE' | 'SCHEMA',
): Promise<string | null> => {
  const query = `SELECT CURRENT_${what}()`
  try {
    const [[name] = []] = await session.rows(`SELECT pg_catalog.current_${what.toLowerCase()}()`)
    return typeof name === 'string' ? name : null
  } catch (error) {
    throw queryError({ client: clientText(error, client), query, cause: error })
  }
}

const dropIn = (
  session: PostgresSession,
  settings: PostgresDropInSettings,
  lock: PostgresDropInLock,
  name: ReturnType<typeof tableNameOf>,
): DropInDriver => {
  const { client, statementTimeoutMs, multiStatement, multiStatementMaxSize } = settings
  let locked = false

  const runPiece = async (script: Uint8Array): Promise<void> => {
    const text = Buffer.from(script).toString('utf8')
    if (/^\p{White_Space}*$/u.test(text)) return
    try {
      if (statementTimeoutMs > 0) await session.runFor(script, statementTimeoutMs)
      else await session.run(script)
    } catch (error) {
      throw scriptError(timedOut(error, settings, session), text, client)
    }
  }

  return {
    lock: async (signal) => {
      if (locked) throw new Error(lockedText)
      locked = true
      try {
        await lock.acquire(signal)
      } catch (error) {
        locked = false
        throw error
      }
    },
    unlock: async () => {
      if (!locked) throw new Error(notLockedText)
      await lock.release()
      locked = false
    },
    run: async (script) => {
      const pieces = multiStatement ? cutAtSemicolons(script, multiStatementMaxSize) : [script]
      for (const piece of pieces) await runPiece(piece)
    },
    setVersion: (version, dirty) => writeVersion(session, client, name, { version, dirty }),
    version: () => readVersion(session, client, name),
    drop: () => dropTables(session, client, lock.keptTable),
    close: () => session.close(),
  }
}

/** After a cancel the clients of golang-migrate use their connection no more; pgx has words of its own for the cancel. */
const timedOut = (
  error: unknown,
  { client, statementTimeoutMs }: PostgresDropInSettings,
  session: PostgresSession,
): unknown => {
  if (statementTimeoutMs <= 0 || !isServerError(error) || error.code !== '57014') return error
  session.breakWith('driver: bad connection')
  return client === 'pq' ? error : new Error('timeout: context deadline exceeded', { cause: error })
}
