/** A name in backticks, which work under ANSI_QUOTES too. */
export const identifier = (name: string): string => `\`${name.replaceAll('`', '``')}\``

/** A name with its database. */
export const qualified = (database: string, name: string): string =>
  `${identifier(database)}.${identifier(name)}`

/** Characters that mean themselves in quotes, under every `sql_mode` and character set. */
const plain = /^[\w .,:;+@/()-]*$/

/** Text as a literal: a hexadecimal one where `sql_mode` might change what it means. */
export const text = (value: string): string =>
  plain.test(value)
    ? `_utf8mb4 '${value}'`
    : `_utf8mb4 x'${Buffer.from(value, 'utf8').toString('hex')}'`

/** A value as a literal. */
export const literal = (value: string | number | bigint | boolean | null): string => {
  if (value === null) return 'NULL'
  if (typeof value === 'string') return text(value)
  if (typeof value === 'boolean') return value ? '1' : '0'
  return value.toString()
}
