import type { SqliteClient } from '../connect/client.ts'
import { messageOf } from './errors.ts'

const longestStatement = 64 * 1024
const mostTries = 50

const syntaxError = /^near "(.+)": syntax error$/s
const badToken = /^unrecognized token: "(.+)"$/s
const unknownName =
  /^(?:no such (?:column|table|function|index|view|trigger|collation sequence|module|savepoint)|duplicate column name|table .* has no column named|unknown (?:function|database)):? "?([^"]+?)"?(?:\(\))?(?: - .*)?$/s

/**
 * Where in a statement an error is, as far as that is certain. better-sqlite3 does not hand on the offset SQLite knows,
 * so a syntax error is looked for with the parser itself: it is at the first place where the statement, cut off there,
 * gives the same error.
 */
export const errorOffset = (
  client: SqliteClient,
  statement: string,
  message: string,
): number | undefined => {
  if (statement.length > longestStatement) return undefined
  if (message === 'incomplete input') return statement.length
  const token = (syntaxError.exec(message) ?? badToken.exec(message))?.[1]
  if (token !== undefined) return offsetOfToken(client, statement, token, message)
  const name = unknownName.exec(message)?.[1]
  return name === undefined ? undefined : offsetOfName(statement, name)
}

const offsetOfToken = (
  client: SqliteClient,
  statement: string,
  token: string,
  message: string,
): number | undefined => {
  // A PRAGMA can act while it is prepared.
  if (/^\s*pragma/i.test(statement)) return undefined
  const places = placesOf(statement, token)
  for (const at of places.slice(0, mostTries)) {
    if (preparingSays(client, statement.slice(0, at + token.length)) === message) return at
  }
  return undefined
}

const preparingSays = (client: SqliteClient, sql: string): string | undefined => {
  try {
    client.prepare(sql)
    return undefined
  } catch (error) {
    return messageOf(error)
  }
}

/** The place of a name that stands there exactly once. */
const offsetOfName = (statement: string, name: string): number | undefined => {
  for (const candidate of new Set([name, name.split('.').at(-1) ?? name])) {
    const places = placesOf(statement, candidate)
    if (places.length === 1) return places[0]
  }
  return undefined
}

const isWord = (character: string | undefined): boolean =>
  character !== undefined && /[\w$\u0080-\uffff]/.test(character)

/** Where a text stands that is not a part of a longer word. */
const placesOf = (statement: string, text: string): number[] => {
  const places: number[] = []
  for (let at = statement.indexOf(text); at !== -1; at = statement.indexOf(text, at + 1)) {
    const inWord =
      (isWord(text[0]) && isWord(statement[at - 1])) ||
      (isWord(text.at(-1)) && isWord(statement[at + text.length]))
    if (!inWord) places.push(at)
  }
  return places
}
