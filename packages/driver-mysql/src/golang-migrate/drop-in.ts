import {
  goParseQuery,
  joinErrors,
  lockedText,
  lockKey,
  notLockedText,
  queryError,
  toError,
  type DropInDriver,
  type DropInState,
} from '@mig/golang-migrate'
import { clientText, connect, readCustomTls, sessionStatements } from './session.ts'
import { parseDsn, readSettings, type MysqlDropInSettings } from './url.ts'
import { mysqlQueries, type MysqlQueries } from './raw-query.ts'

/** Opens a MySQL or MariaDB database as golang-migrate does. */
export const openDropIn = async (url: string): Promise<DropInDriver> => {
  const customTls = readCustomTls(readQuery(url))
  const dsn = parseDsn(url.replace(/^mysql:\/\//, ''))
  const settings = readSettings(dsn)
  const statements = sessionStatements(dsn)
  const queries = mysqlQueries(await connect(dsn, customTls))
  try {
    for (const statement of statements) await ask(queries, statement)
    const database = dsn.database === '' ? await readDatabase(queries) : dsn.database
    const driver = dropIn(queries, settings, `${database}:${settings.migrationsTable}`)
    await makeTable(driver, queries, settings.migrationsTable)
    return driver
  } catch (error) {
    queries.destroy()
    throw error
  }
}

/** What follows the last question mark, wherever it stands: also in a password, which no message may quote. */
const readQuery = (url: string): ReadonlyMap<string, readonly string[]> => {
  const question = url.lastIndexOf('?')
  if (question < 0) return new Map()
  try {
    return goParseQuery(url.slice(question + 1))
  } catch (error) {
    throw question < url.lastIndexOf('@') ? new Error('invalid URL escape "***"') : toError(error)
  }
}

const ask = async (queries: MysqlQueries, statement: string): Promise<void> => {
  try {
    await queries.rows(statement)
  } catch (error) {
    throw new Error(clientText(error), { cause: error })
  }
}

/** Runs a query; the error is golang-migrate's. */
const rowsOf = async (
  queries: MysqlQueries,
  query: string,
  message = '',
  shownQuery = query,
): Promise<readonly (readonly unknown[])[]> => {
  try {
    return await queries.rows(query)
  } catch (error) {
    throw queryError({ client: clientText(error), query: shownQuery, message, cause: error })
  }
}

const readDatabase = async (queries: MysqlQueries): Promise<string> => {
  const [[name] = []] = await rowsOf(queries, 'SELECT DATABASE()')
  if (typeof name === 'string' && name !== '') return name
  throw new Error('no database name')
}

const makeTable = async (
  driver: DropInDriver,
  queries: MysqlQueries,
  table: string,
): Promise<void> => {
  await driver.lock()
  let failed: Error | undefined
  try {
    const found = await rowsOf(queries, `SHOW TABLES LIKE '${table}'`)
    // The pattern's "_" matches any character: only a table of that very name counts.
    const same = found.some(([name]) => String(name).toLowerCase() === table.toLowerCase())
    if (!same) {
      await rowsOf(
        queries,
        `CREATE TABLE \`${table}\` (version bigint not null primary key, dirty boolean not null)`,
      )
    }
  } catch (error) {
    failed = toError(error)
  }
  const unlocked = await driver.unlock().catch(toError)
  const error = joinErrors(failed, unlocked ?? undefined)
  if (error !== undefined) throw error
}

const dropIn = (
  queries: MysqlQueries,
  { migrationsTable: table, noLock, statementTimeoutMs }: MysqlDropInSettings,
  lockName: string,
): DropInDriver => {
  const id = lockKey(lockName)
  let locked = false

  const acquire = async (): Promise<void> => {
    const query = 'SELECT GET_LOCK(?, 10)'
    const [[held] = []] = await rowsOf(
      queries,
      `SELECT GET_LOCK('${id}', 10)`,
      'try lock failed',
      query,
    )
    if (held === null || held === undefined) {
      const client =
        'sql: Scan error on column index 0, name "GET_LOCK(?, 10)": sql/driver: couldn\'t convert <nil> (<nil>) into type bool'
      throw queryError({ client, query, message: 'try lock failed' })
    }
    if (Number(held) !== 1) throw new Error(lockedText)
  }

  const writeRows = async (version: bigint, dirty: boolean): Promise<void> => {
    // golang-migrate removes one row only, and reads any of what is then there. Without a limit, and with the largest
    // number as one, the DELETE would fall to sql_safe_updates.
    await rowsOf(
      queries,
      `DELETE FROM \`${table}\` LIMIT 9223372036854775807`,
      '',
      `DELETE FROM \`${table}\` LIMIT 1`,
    )
    if (version < 0n && (version !== -1n || !dirty)) return
    const insert = `INSERT INTO \`${table}\` (version, dirty) VALUES `
    await rowsOf(queries, `${insert}(${version}, ${dirty ? 1 : 0})`, '', `${insert}(?, ?)`)
  }

  return {
    lock: async () => {
      if (locked) throw new Error(lockedText)
      locked = true
      try {
        if (!noLock) await acquire()
      } catch (error) {
        locked = false
        throw error
      }
    },
    unlock: async () => {
      if (!locked) throw new Error(notLockedText)
      const query = 'SELECT RELEASE_LOCK(?)'
      if (!noLock) await rowsOf(queries, `SELECT RELEASE_LOCK('${id}')`, '', query)
      locked = false
    },
    run: async (script) => {
      try {
        await queries.run(script, statementTimeoutMs)
      } catch (error) {
        const query = Buffer.from(script).toString('utf8')
        const message = 'migration failed'
        throw queryError({ client: clientText(error), query, message, cause: error })
      }
    },
    setVersion: async (version, dirty) => {
      const start = 'transaction start failed'
      await rowsOf(queries, 'SET TRANSACTION ISOLATION LEVEL SERIALIZABLE', start, '')
      await rowsOf(queries, 'START TRANSACTION', start, '')
      try {
        await writeRows(version, dirty)
      } catch (error) {
        await queries.rows('ROLLBACK').catch(() => {})
        throw error
      }
      await rowsOf(queries, 'COMMIT', 'transaction commit failed', '')
    },
    version: async () => readState(await rowsOf(queries, versionQuery(table))),
    drop: async () => {
      const tables = await rowsOf(queries, "SHOW TABLES LIKE '%'")
      if (tables.length === 0) return
      await rowsOf(queries, 'SET foreign_key_checks = 0')
      try {
        for (const [name] of tables) {
          await rowsOf(queries, `DROP TABLE IF EXISTS \`${String(name)}\``)
        }
      } finally {
        await queries.rows('SET foreign_key_checks = 1').catch(() => {})
      }
    },
    close: () => queries.end(),
  }
}

const versionQuery = (table: string): string => `SELECT version, dirty FROM \`${table}\` LIMIT 1`

const readState = ([row]: readonly (readonly unknown[])[]): DropInState =>
  row === undefined
    ? { version: -1n, dirty: false }
    : { version: BigInt(String(row[0])), dirty: Number(row[1]) !== 0 }
