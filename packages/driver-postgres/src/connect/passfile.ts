import { statSync } from 'node:fs'
import { readFile, stat } from 'node:fs/promises'
import { homedir } from 'node:os'
import { join } from 'node:path'

/** Whom a password is looked up for. */
export interface PasswordOwner {
  readonly host: string
  readonly port: number
  readonly database: string
  readonly user: string
}

/** The password that a password file in libpq's format has for somebody. The first line that fits counts. */
export const findPassword = (file: string, owner: PasswordOwner): string | undefined => {
  const host = owner.host.startsWith('/') ? 'localhost' : owner.host
  const wanted = [host, owner.port.toString(), owner.database, owner.user]
  for (const line of file.split(/\r?\n/)) {
    if (line.startsWith('#')) continue
    const fields = [...line.matchAll(/(?:^|:)((?:\\.|[^:\\])*)/g)].map(([, field = '']) => field)
    if (fields.length < 5) continue
    const fits = wanted.every((value, i) => fields[i] === '*' || unescape(fields[i]) === value)
    if (fits) return unescape(fields[4])
  }
  return undefined
}

const unescape = (field = ''): string => field.replaceAll(/\\(.)/g, '$1')

const placeOf = (path: string | undefined): string => path ?? join(homedir(), '.pgpass')

const isOpen = (mode: number): boolean => process.platform !== 'win32' && (mode & 0o077) !== 0

/** The password file that would be looked into if others could not read it, or nothing. */
export const ignoredPasswordFile = (path: string | undefined): string | undefined => {
  const file = placeOf(path)
  const stats = statSync(file, { throwIfNoEntry: false })
  return stats?.isFile() === true && isOpen(stats.mode) ? file : undefined
}

/** What to say of a password file that is ignored because others may read it. */
export const passwordFileNotes = (path: string | undefined): readonly string[] => {
  const file = ignoredPasswordFile(path)
  return file === undefined
    ? []
    : [`The password file "${file}" is ignored: others may read it. Close it: chmod 600 ${file}`]
}

/**
 * Looks a password up in a file, by default `~/.pgpass`. As libpq does, it ignores a file that others may read.
 */
export const readPassword = async (
  path: string | undefined,
  owner: PasswordOwner,
): Promise<string | undefined> => {
  const file = placeOf(path)
  try {
    const { mode } = await stat(file)
    if (isOpen(mode)) return undefined
    return findPassword(await readFile(file, 'utf8'), owner)
  } catch {
    // No such file is the usual case; the server says what it thinks of the missing password.
    return undefined
  }
}
