import { MigrateError } from '@mig/core/driver'
import type { Row } from '../session/session.ts'

/** What the driver needs to know of the server and of the sessions that migrations run in. */
export interface ServerFacts {
  readonly database: string
  readonly flavor: 'mysql' | 'mariadb'
  /** `MySQL 9.7.4` */
  readonly product: string
  /** As executable comments write it: 90704 for MySQL 9.7.4. */
  readonly version: number
  readonly sqlMode: string
  /** The longest message the server takes, in bytes. */
  readonly maxAllowedPacket: number
  /** The engine of a table that names none. */
  readonly defaultEngine: string
  /** The account by whose rights the server goes: `user@host`. */
  readonly account: string
}

/** Answers {@link readFacts}. */
export const selectFacts: string =
  'SELECT CONNECTION_ID(), DATABASE(), VERSION(), @@sql_mode, @@max_allowed_packet, ' +
  '@@default_storage_engine, CURRENT_USER()'

/** Reads the row of {@link selectFacts}. */
export const readFacts = (row: Row | undefined): ServerFacts & { readonly id: string } => {
  const [id, database, version, sqlMode, maxAllowedPacket, defaultEngine, account] = row ?? []
  if (database === undefined || database === null || database === '') {
    throw new MigrateError('INVALID_OPTION', 'The connection has no database', {
      hint: 'Put the name after the last slash of the URL, or select one before handing the connection in.',
      details: { option: 'database' },
    })
  }
  const [, major = '0', minor = '0', patch = '0'] = /^(\d+)\.(\d+)\.(\d+)/.exec(version ?? '') ?? []
  const flavor = /mariadb/i.test(version ?? '') ? 'mariadb' : 'mysql'
  return {
    id: id ?? '',
    database,
    flavor,
    product: `${flavor === 'mariadb' ? 'MariaDB' : 'MySQL'} ${major}.${minor}.${patch}`,
    version: Number(major) * 10_000 + Number(minor) * 100 + Number(patch),
    sqlMode: sqlMode ?? '',
    maxAllowedPacket: Number(maxAllowedPacket ?? 0),
    defaultEngine: defaultEngine ?? '',
    account: account ?? '',
  }
}
