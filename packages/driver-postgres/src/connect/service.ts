import { readFileSync } from 'node:fs'
import { homedir } from 'node:os'
import { join } from 'node:path'
import { MigrateError } from '@mig/core/driver'

/** Where a service file may be: the one that is named, or the user's and then the system's. */
const candidates = (named: string | undefined, folder: string | undefined): readonly string[] =>
  named === undefined
    ? [
        join(homedir(), '.pg_service.conf'),
        ...(folder === undefined ? [] : [join(folder, 'pg_service.conf')]),
      ]
    : [named]

const refuse = (message: string, hint: string, cause?: unknown): MigrateError =>
  new MigrateError('INVALID_OPTION', message, { hint, details: { option: 'service' }, cause })

/** The text of a service file, or nothing where there is none at a place that nobody named. */
const readText = (file: string, named: boolean): string | undefined => {
  try {
    return readFileSync(file, 'utf8')
  } catch (error) {
    const missing = error instanceof Error && 'code' in error && error.code === 'ENOENT'
    if (missing && !named) return undefined
    throw refuse(`The service file "${file}" cannot be read`, 'Check PGSERVICEFILE.', error)
  }
}

/**
 * The connection parameters that a section of the service file gives, in libpq's words.
 *
 * Throws `INVALID_OPTION` for a service that is in no file, and for one that is looked up in LDAP.
 */
export const readService = (
  service: string,
  { file, folder }: { readonly file: string | undefined; readonly folder: string | undefined },
): ReadonlyMap<string, string> => {
  const files = candidates(file, folder)
  for (const path of files) {
    const text = readText(path, file !== undefined)
    const found = text === undefined ? undefined : sectionOf(text, service, path)
    if (found !== undefined) return found
  }
  throw refuse(
    `The service "${service}" is not in ${files.map((path) => `"${path}"`).join(' and not in ')}`,
    'Add the section to the file, or name the file with PGSERVICEFILE.',
  )
}

const sectionOf = (
  text: string,
  service: string,
  file: string,
): ReadonlyMap<string, string> | undefined => {
  let found: Map<string, string> | undefined
  for (const [index, raw] of text.split('\n').entries()) {
    const line = raw.trim()
    if (line === '' || line.startsWith('#')) continue
    if (line.startsWith('[')) {
      if (found !== undefined) return found
      if (line === `[${service}]`) found = new Map()
      continue
    }
    if (found === undefined) continue
    const place = `Line ${index + 1} of the service file "${file}"`
    if (line.startsWith('ldap')) {
      throw refuse(`${place} asks LDAP, which mig cannot do`, 'Write the parameters into the file.')
    }
    const equals = line.indexOf('=')
    const name = line.slice(0, Math.max(equals, 0))
    if (name === '') throw refuse(`${place} is not NAME=VALUE`, 'Write a parameter of libpq there.')
    if (name === 'service' || name === 'servicefile') {
      throw refuse(`${place} names a service again`, 'Write the parameters themselves.')
    }
    // As in libpq, the first of several lines counts.
    if (!found.has(name)) found.set(name, line.slice(equals + 1))
  }
  return found
}
