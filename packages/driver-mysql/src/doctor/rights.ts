import { identifier, qualified } from '../tables/quote.ts'

/** Whose rights a session has, and where. */
export interface Grantee {
  /** What CURRENT_USER() says: the account by whose rights the server goes, which is not always how one logged in. */
  readonly account: string
  readonly database: string
}

/** `user@host` as GRANT takes it. */
export const quoteAccount = (account: string): string => {
  const at = account.lastIndexOf('@')
  const quote = (text: string): string => `'${text.replaceAll("'", "''")}'`
  return `${quote(account.slice(0, at))}@${quote(account.slice(at + 1))}`
}

const deniedOnTable = /^([A-Z, ]+) command denied to user .* for (?:column .* in )?table (.+)$/s
const deniedOnRoutine = /^([a-z ]+) command denied to user .* for routine /s
const needsOneOf = /need \(at least one of\) the (.+) privilege\(s\)/s

/** The rights that statements need of which the server only says that access to the database is denied. */
const rightsOnDatabase: readonly (readonly [command: RegExp, right: string])[] = [
  [/^CREATE (?:OR REPLACE )?(?:PROCEDURE|FUNCTION|PACKAGE)/, 'CREATE ROUTINE'],
  [/^(?:CREATE (?:OR REPLACE )?|ALTER |DROP )EVENT/, 'EVENT'],
  [/^CREATE TEMPORARY/, 'CREATE TEMPORARY TABLES'],
  [/^LOCK/, 'LOCK TABLES'],
  [/^CREATE/, 'CREATE'],
  [/^DROP/, 'DROP'],
  [/^ALTER/, 'ALTER'],
]

/** `name`, `'name'`, `db.name` or `` `db`.`name` ``, as servers write it. */
const tableOf = (
  written: string,
  database: string,
): { readonly table: string; readonly everything: string } => {
  const names = written.match(/`(?:[^`]|``)+`|[^`'.]+/g)?.map((name) => name.replaceAll('`', ''))
  const [first = '', second] = names ?? []
  const [schema, table] = second === undefined ? [database, first] : [first, second]
  return { table: qualified(schema, table), everything: `${identifier(schema)}.*` }
}

/** Rights that are about a table that is there. The others make, change or remove one: GRANT needs it to be there. */
const rowsOnly = /^(?:(?:SELECT|INSERT|UPDATE|DELETE)(?:, )?)+$/

/** Of the rights any of which will do, the one that gives the least. */
const leastOf = (rights: string): string => {
  const all = rights.split(/, | or /).map((right) => right.trim())
  return all.find((right) => right !== 'SUPER') ?? 'SUPER'
}

/** The statement that gives a right which the server said is missing, or nothing where its words do not tell. */
export const missingGrant = (
  number: number,
  message: string,
  { account, database }: Grantee,
  command = '',
): string | undefined => {
  if (account === '') return undefined
  const grant = (right: string, on: string): string =>
    `GRANT ${right} ON ${on} TO ${quoteAccount(account)}`
  const [, right, table] = deniedOnTable.exec(message) ?? []
  if (right !== undefined && table !== undefined && !right.includes('ANY')) {
    const place = tableOf(table, database)
    return grant(right, rowsOnly.test(right) ? place.table : place.everything)
  }
  const everything = `${identifier(database)}.*`
  const [, routine] = deniedOnRoutine.exec(message) ?? []
  if (routine !== undefined) return grant(routine.toUpperCase(), everything)
  const [, needed] = needsOneOf.exec(message) ?? []
  if (needed !== undefined) return grant(leastOf(needed), '*.*')
  if (number !== 1044) return undefined
  const known = rightsOnDatabase.find(([pattern]) => pattern.test(command))
  const [, denied = database] = /to database '(.+)'$/s.exec(message) ?? []
  return known === undefined ? undefined : grant(known[1], `${identifier(denied)}.*`)
}
