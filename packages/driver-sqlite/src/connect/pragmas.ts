import type { SqliteClient } from './client.ts'
import { invalidOption } from '../steps/errors.ts'

/** A PRAGMA that is set when a connection is opened. */
export interface PragmaSetting {
  readonly name: string
  readonly value: string
}

type Kind = 'flag' | 'number' | readonly string[]

/** The PRAGMAs a URL may set, with the values they take. */
const kinds: Readonly<Record<string, Kind>> = {
  auto_vacuum: ['NONE', 'FULL', 'INCREMENTAL', '0', '1', '2'],
  busy_timeout: 'number',
  cache_size: 'number',
  case_sensitive_like: 'flag',
  defer_foreign_keys: 'flag',
  foreign_keys: 'flag',
  ignore_check_constraints: 'flag',
  // Not OFF: without a journal a failed step cannot be rolled back.
  journal_mode: ['DELETE', 'TRUNCATE', 'PERSIST', 'MEMORY', 'WAL'],
  legacy_alter_table: 'flag',
  locking_mode: ['NORMAL', 'EXCLUSIVE'],
  mmap_size: 'number',
  query_only: 'flag',
  recursive_triggers: 'flag',
  secure_delete: ['FAST', '0', '1', 'OFF', 'ON', 'FALSE', 'TRUE', 'NO', 'YES'],
  synchronous: ['OFF', 'NORMAL', 'FULL', 'EXTRA', '0', '1', '2', '3'],
  temp_store: ['DEFAULT', 'FILE', 'MEMORY', '0', '1', '2'],
}

const flag = /^(?:0|1|on|off|true|false|yes|no)$/i

/** The PRAGMA that a URL parameter such as `_foreign_keys` stands for, written as `key`. Throws `INVALID_OPTION`. */
export const pragmaOfParameter = (name: string, key: string, value: string): PragmaSetting =>
  name === '_pragma' ? pragmaOfText(value) : pragmaSetting(key, name.replace(/^_/, ''), value)

/** Reads `name(value)` and `name=value`, as the pure Go client takes them. */
const pragmaOfText = (text: string): PragmaSetting => {
  const match = /^\s*(?:main\.)?(\w+)\s*(?:=\s*'?([\w-]+)'?|\(\s*'?([\w-]+)'?\s*\))\s*;?\s*$/.exec(
    text,
  )
  const name = match?.[1]?.toLowerCase()
  const value = match?.[2] ?? match?.[3]
  if (name === undefined || value === undefined || !Object.hasOwn(kinds, name)) {
    throw invalidOption('_pragma', `"_pragma=${text}" cannot be set`, knownPragmas())
  }
  return pragmaSetting('_pragma', name, value)
}

const knownPragmas = (): string => `A URL can set ${Object.keys(kinds).join(', ')}.`

const pragmaSetting = (option: string, name: string, value: string): PragmaSetting => {
  const kind = kinds[name]
  const fits =
    kind === 'flag'
      ? flag.test(value)
      : kind === 'number'
        ? /^-?\d+$/.test(value)
        : kind?.includes(value.toUpperCase())
  if (fits === true) return { name, value }
  throw invalidOption(
    option,
    `"${value}" is not a value for ${name}`,
    kind === 'flag' || kind === undefined
      ? 'Use 0 or 1.'
      : kind === 'number'
        ? 'Use a number.'
        : `Use one of ${kind.filter((word) => /[A-Z]/.test(word)).join(', ')}.`,
  )
}

/** PRAGMAs that change the file, not the connection: they wait for the first write. */
export const changesFile = ({ name }: PragmaSetting): boolean =>
  name === 'journal_mode' || name === 'auto_vacuum'

/** Sets PRAGMAs one after the other. */
export const setPragmas = (client: SqliteClient, pragmas: readonly PragmaSetting[]): void => {
  for (const { name, value } of pragmas) client.exec(`PRAGMA ${name}=${value}`)
}
