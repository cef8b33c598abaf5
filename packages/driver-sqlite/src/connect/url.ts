import { refuseVariables } from '@mig/core/driver'
import { invalidOption } from '../steps/errors.ts'

/** Where a database is, as a URL or a path says it. */
export interface SqliteLocation {
  /** Path of the file, or `:memory:`. */
  readonly path: string
  readonly parameters: readonly (readonly [key: string, value: string])[]
}

const scheme = /^sqlite3?:/
const otherScheme = /^([a-z][a-z0-9+.-]+):\/\//i

/**
 * Reads a URL of golang-migrate's, SQLite's own `file:` form, or a plain path.
 *
 * In `sqlite://` URLs the path is taken as it is written, as golang-migrate takes it: `%20` stays `%20`. In the
 * `file:` form it is decoded, as SQLite does. A plain path has no parameters.
 */
export const parseLocation = (text: string): SqliteLocation => {
  if (scheme.test(text) || text.startsWith('file:')) refuseVariables(text, variableHint)
  if (text.startsWith('file:')) return parseFileUri(text)
  if (!scheme.test(text)) {
    const other = otherScheme.exec(text)?.[1]
    if (other !== undefined) {
      throw invalidOption('database', `"${other}" is not a scheme of the SQLite driver`, examples)
    }
    return { path: requirePath(text), parameters: [] }
  }
  const rest = text.replace(scheme, '').replace(/^\/\//, '')
  if (rest.startsWith('file:')) return parseFileUri(rest)
  const { path, parameters } = cutQuery(rest)
  return withMode(requirePath(windowsPath(path)), parameters)
}

const variableHint =
  'Write the value itself, or let the shell expand it; a "$" that is meant is %24 in the form file:PATH.'

const examples = 'Write sqlite:///absolute/path.db, sqlite://relative/path.db, or sqlite::memory:'

const parseFileUri = (uri: string): SqliteLocation => {
  const { path: rest, parameters } = cutQuery(uri.slice('file:'.length).split('#', 1)[0] ?? '')
  const authority = /^\/\/([^/]*)/.exec(rest)?.[1]
  if (authority !== undefined && authority !== '' && authority !== 'localhost') {
    throw invalidOption('database', `A "file:" URI names no host but localhost, not "${authority}"`)
  }
  const path = decode(authority === undefined ? rest : rest.slice(2 + authority.length))
  return withMode(requirePath(windowsPath(path)), parameters)
}

const cutQuery = (text: string): SqliteLocation => {
  const at = text.indexOf('?')
  if (at === -1) return { path: text, parameters: [] }
  return {
    path: text.slice(0, at),
    parameters: [...new URLSearchParams(text.slice(at + 1))],
  }
}

/** `mode=memory` is another way to write `:memory:`. */
const withMode = (path: string, parameters: SqliteLocation['parameters']): SqliteLocation => {
  const memory = parameters.some(([key, value]) => key === 'mode' && value === 'memory')
  return { path: memory ? ':memory:' : path, parameters }
}

/** `/C:/x.db`, as a URL has to write it, is `C:/x.db`. */
const windowsPath = (path: string): string =>
  process.platform === 'win32' && /^\/[a-z]:/i.test(path) ? path.slice(1) : path

const requirePath = (path: string): string => {
  // better-sqlite3 trims names and takes an empty one for a temporary database.
  if (path.trim() === '') throw invalidOption('database', 'The URL names no file', examples)
  if (path !== path.trim() || path.includes('\0')) {
    throw invalidOption('database', 'The file name has a blank at an end, or a NUL in it')
  }
  return path
}

const decode = (path: string): string => {
  try {
    return decodeURIComponent(path)
  } catch (cause) {
    throw invalidOption('database', `"${path}" is not percent-encoded UTF-8`, String(cause))
  }
}
