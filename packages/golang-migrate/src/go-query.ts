import { goEscape, goUnescape } from './go-escape.ts'

const readPair = (pair: string): readonly [string, string] => {
  if (pair.includes(';')) throw new Error('invalid semicolon separator in query')
  const equals = pair.indexOf('=')
  const name = equals < 0 ? pair : pair.slice(0, equals)
  return [goUnescape(name, 'query'), equals < 0 ? '' : goUnescape(pair.slice(equals + 1), 'query')]
}

/** Reads a query. Throws for the first pair that cannot be read. */
export const goParseQuery = (query: string): ReadonlyMap<string, readonly string[]> => {
  const { values, error } = readQuery(query)
  if (error !== undefined) throw error
  return values
}

interface ReadQuery {
  readonly values: ReadonlyMap<string, readonly string[]>
  readonly error?: unknown
}

const readQuery = (query: string): ReadQuery => {
  const values = new Map<string, string[]>()
  let firstError: { readonly error: unknown } | undefined
  for (const pair of query.split('&')) {
    if (pair === '') continue
    try {
      const [name, value] = readPair(pair)
      values.set(name, [...(values.get(name) ?? []), value])
    } catch (error) {
      firstError ??= { error }
    }
  }
  return { values, ...firstError }
}

/** Reads a query and leaves out the pairs that cannot be read. */
export const goQueryValues = (query: string): ReadonlyMap<string, readonly string[]> =>
  readQuery(query).values

/** The query without golang-migrate's own parameters, written anew with its names in order. */
export const filterCustomQuery = (query: string): string =>
  [...goQueryValues(query)]
    .filter(([name]) => name.length <= 1 || !name.startsWith('x-'))
    .toSorted(([a], [b]) => (a < b ? -1 : 1))
    .flatMap(([name, values]) =>
      values.map((value) => `${goEscape(name, 'query')}=${goEscape(value, 'query')}`),
    )
    .join('&')
