/** An identifier as the server gets it: a NUL cannot be part of one and ends it, as golang-migrate has it. */
export const identifierText = (name: string): string => {
  const nul = name.indexOf('\0')
  return nul === -1 ? name : name.slice(0, nul)
}

/** An identifier as SQL, quoted. */
export const quoteIdentifier = (name: string): string =>
  `"${identifierText(name).replaceAll('"', '""')}"`

/**
 * An operator of the server's own as SQL. Written plainly it is looked for in the search path, where another role may
 * have planted one that fits the types better (https://www.postgresql.org/docs/current/typeconv-oper.html). All have one
 * precedence when written so: put parentheses around an operand that is an expression.
 */
export const operator = (
  symbol: '=' | '<>' | '<' | '>' | '*' | '/' | '%' | '-' | '||' | '<<' | '|',
): string => `OPERATOR(pg_catalog.${symbol})`

/** The operator of equality, as {@link operator} has it. */
export const equals: string = operator('=')

/** Whether a text, a name or a "char" is one of some, as SQL: `IN` would look for its operator in the search path. */
export const isOneOf = (
  expression: string,
  values: readonly string[],
  type: 'text' | '"char"' = 'text',
): string =>
  `${expression}::pg_catalog.${type} ${equals} ANY (ARRAY[${values.map(quoteLiteral).join(', ')}]::pg_catalog.${type}[])`

/** Whether a bigint is one of some, as SQL. */
export const isOneOfNumbers = (expression: string, values: readonly (bigint | string)[]): string =>
  `${expression} ${equals} ANY (ARRAY[${values.join(', ')}]::bigint[])`

/** The relation that a text names, as the number that the catalog has of it; NULL where there is none. */
export const relationNamed = (name: string): string =>
  `pg_catalog.to_regclass(${name})::pg_catalog.oid`

/** The number that the catalog has of the database. */
export const thisDatabase: string =
  '(SELECT d.oid FROM pg_catalog.pg_database AS d ' +
  `WHERE d.datname ${equals} pg_catalog.current_database())`

/** An identifier as the value that the catalog has of it: the type `name` cuts it as the server does. */
export const catalogName = (name: string): string =>
  `${quoteLiteral(identifierText(name))}::pg_catalog.name`

/** A text as an SQL literal that reads the same whatever `standard_conforming_strings` is. */
export const quoteLiteral = (text: string): string => {
  const escaped = text.replaceAll('\0', '').replaceAll("'", "''")
  return escaped.includes('\\') ? `E'${escaped.replaceAll('\\', '\\\\')}'` : `'${escaped}'`
}

/** A value as an SQL literal. */
export const literal = (value: string | bigint | number | boolean | null): string => {
  if (value === null) return 'NULL'
  return typeof value === 'string' ? quoteLiteral(value) : value.toString()
}

/** A table by schema and name. */
export interface TableName {
  readonly schema: string
  readonly name: string
}

/** A table as SQL. Always with its schema: a script may leave any `search_path` after. */
export const quoteTable = ({ schema, name }: TableName): string =>
  `${quoteIdentifier(schema)}.${quoteIdentifier(name)}`

/**
 * Raises `synchronous_commit` to `local` for the running transaction where the server has it off, so that the COMMIT
 * waits for the disk.
 */
export const waitForDisk: string =
  "SELECT pg_catalog.set_config('synchronous_commit', 'local', true) " +
  `WHERE pg_catalog.current_setting('synchronous_commit') ${equals} 'off'`

/** Lets the COMMIT of the running transaction return before the disk has it. */
export const noWaitForDisk = "SELECT pg_catalog.set_config('synchronous_commit', 'off', true)"
