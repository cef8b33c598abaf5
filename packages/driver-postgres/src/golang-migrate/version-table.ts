import { queryError, toError, type DropInState } from '@mig/golang-migrate'
import { clientText, isServerError } from './errors.ts'
import type { PostgresClient, PostgresTableName } from './url.ts'
import type { PostgresSession } from './session.ts'
import { equals } from '../tables/quote.ts'

/** A name in double quotes, cut at the first NUL. */
export const quoteIdentifier = (name: string): string =>
  `"${(name.split('\0', 1)[0] ?? '').replaceAll('"', '""')}"`

const qualified = ({ schema, table }: PostgresTableName): string =>
  `${quoteIdentifier(schema)}.${quoteIdentifier(table)}`

interface Asked {
  /** What is sent. Names of the server are qualified, so that nothing planted in the search path is called. */
  readonly query: string
  readonly message?: string
  /** What golang-migrate sends for it, which its errors show. */
  readonly shownQuery?: string
}

const ask = async (
  session: PostgresSession,
  client: PostgresClient,
  { query, message = '', shownQuery = query }: Asked,
  ...values: readonly string[]
): Promise<readonly (readonly unknown[])[]> => {
  try {
    return await session.rows(query, ...values)
  } catch (error) {
    const text = clientText(error, client)
    throw queryError({ client: text, query: shownQuery, message, cause: error })
  }
}

/** Makes the version table unless it is there: whoever may only read can then still ask for the version. */
export const makeTable = async (
  session: PostgresSession,
  client: PostgresClient,
  name: PostgresTableName,
): Promise<void> => {
  const shownQuery =
    'SELECT COUNT(1) FROM information_schema.tables WHERE table_schema = $1 AND table_name = $2 LIMIT 1'
  const query =
    'SELECT pg_catalog.count(*) FROM information_schema.tables ' +
    `WHERE table_schema::pg_catalog.name ${equals} $1::pg_catalog.name ` +
    `AND table_name::pg_catalog.name ${equals} $2::pg_catalog.name LIMIT 1`
  const [[count] = []] = await ask(session, client, { query, shownQuery }, name.schema, name.table)
  if (count === '1') return
  const columns = '(version bigint not null primary key, dirty boolean not null)'
  await ask(session, client, {
    query: `CREATE TABLE IF NOT EXISTS ${qualified(name)} ${columns}`,
  })
}

/** Reads the pair. A table that is gone reads as no version. */
export const readVersion = async (
  session: PostgresSession,
  client: PostgresClient,
  name: PostgresTableName,
): Promise<DropInState> => {
  const query = `SELECT version, dirty FROM ${qualified(name)} LIMIT 1`
  try {
    const [row] = await session.rows(query)
    if (row === undefined) return { version: -1n, dirty: false }
    return { version: BigInt(String(row[0])), dirty: row[1] === true }
  } catch (error) {
    if (isServerError(error) && error.code === '42P01') return { version: -1n, dirty: false }
    throw queryError({ client: clientText(error, client), query, cause: error })
  }
}

const statusTexts: Readonly<Record<string, string>> = {
  T: 'idle in transaction',
  E: 'in a failed transaction',
}

/** lib/pq begins no transaction inside another, and uses a connection no more on which it should. */
const refuseOpenTransaction = (session: PostgresSession, client: PostgresClient): void => {
  const status = statusTexts[session.transactionStatus() ?? 'I']
  if (client !== 'pq' || status === undefined) return
  session.breakWith('driver: bad connection')
  const text = `pq: unexpected transaction status ${status}`
  throw queryError({ client: text, query: '', message: 'transaction start failed' })
}

/** Writes the pair: table emptied and filled again in one transaction. */
export const writeVersion = async (
  session: PostgresSession,
  client: PostgresClient,
  name: PostgresTableName,
  { version, dirty }: DropInState,
): Promise<void> => {
  refuseOpenTransaction(session, client)
  const begin = client === 'pq' ? 'BEGIN READ WRITE' : 'begin'
  await ask(session, client, { query: begin, message: 'transaction start failed', shownQuery: '' })
  const written = version >= 0n || (version === -1n && dirty)
  const insert = `INSERT INTO ${qualified(name)} (version, dirty) VALUES ($1, $2)`
  try {
    await empty(session, client, name)
    if (written) await ask(session, client, { query: insert }, version.toString(), String(dirty))
  } catch (error) {
    await session.rows('ROLLBACK').catch(toError)
    throw error
  }
  await ask(session, client, {
    query: 'COMMIT',
    message: 'transaction commit failed',
    shownQuery: '',
  })
}

const empty = async (
  session: PostgresSession,
  client: PostgresClient,
  name: PostgresTableName,
): Promise<void> => {
  await ask(session, client, { query: `TRUNCATE ${qualified(name)}` })
}

/** Drops the base tables of the current schema. */
export const dropTables = async (
  session: PostgresSession,
  client: PostgresClient,
  keptTable: string | undefined,
): Promise<void> => {
  const shownQuery =
    "SELECT table_name FROM information_schema.tables WHERE table_schema=(SELECT current_schema()) AND table_type='BASE TABLE'"
  const query =
    'SELECT table_name FROM information_schema.tables WHERE table_schema::pg_catalog.name ' +
    `${equals} (SELECT pg_catalog.current_schema()) AND table_type::pg_catalog.text ${equals} 'BASE TABLE'`
  const tables = await ask(session, client, { query, shownQuery })
  for (const [name] of tables) {
    if (name === '' || name === keptTable) continue
    await ask(session, client, {
      query: `DROP TABLE IF EXISTS ${quoteIdentifier(String(name))} CASCADE`,
    })
  }
}
