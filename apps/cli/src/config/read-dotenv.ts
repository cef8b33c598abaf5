import { readFileSync } from 'node:fs'
import { dirname } from 'node:path'
import { parseEnv } from 'node:util'
import { MigrateError } from '@mig/core'
import { expandVariables } from './expand-variables.ts'

/** What a `.env` says. */
export interface Dotenv {
  readonly values: Readonly<Record<string, string>>
  /** The values as they stand in the file, each to the end of its line: what a careless reader takes for a password. */
  readonly asWritten?: Readonly<Record<string, string>>
  readonly folder: string
  /** What messages call the file. */
  readonly name: string
}

/**
 * Settings that say what is run, or without whom, each with why a file does not say it and what does. A `.env` comes
 * with a checkout or lies in a folder; people and the environment that they start mig in decide.
 */
const notForDotenv: Readonly<Record<string, readonly [why: string, instead: string]>> = {
  MIG_YES: ['that questions are answered with yes', 'Pass --yes.'],
  MIG_CONFIG: ['which config file is read: it lies beside that one', 'Pass --config FILE.'],
  MIG_PATH: ['which migrations are run', 'Pass --path DIR, or write "path" in mig.config.ts.'],
  MIG_SOURCE: [
    'which migrations are run',
    'Pass --source URL, or write "source" in mig.config.ts.',
  ],
}

/** How a `.env` is read. */
export interface DotenvInput {
  /** What messages call the file. */
  readonly name: string
  /** The variables of the environment: references in the file see them, and they go before its values. */
  readonly env: Readonly<Record<string, string>>
  readonly warn: (message: string) => void
}

/** Reads a `.env`, with references to other variables replaced. Throws `INVALID_CONFIG`. */
export const readDotenv = (path: string, { name, env, warn }: DotenvInput): Dotenv => {
  const text = read(path, name)
  const raw = parseEnv(text)
  const { values, lost } = expandAll(raw, env)
  for (const key of lost) {
    warn(
      `${name}: ${key} has a "$" that names no variable that is set, and nothing was put in its place. Write "\\$" where the sign itself is meant.`,
    )
  }
  for (const [key, [why, instead]] of Object.entries(notForDotenv)) {
    if (values[key] === undefined) continue
    delete values[key]
    warn(`${name}: ${key} is ignored, because .env cannot say ${why}. ${instead}`)
  }
  return { values, asWritten: linesOf(text), folder: dirname(path), name }
}

/** Variables that mig itself looks at. What a project keeps in `.env` for others is theirs to complain about. */
const ofInterest = /^(?:MIG_|DATABASE_URL$|PG|MYSQL_)/

/** The parser does not say in which order the lines stand, so that a value may name one that stands below. */
const expandAll = (
  raw: Readonly<NodeJS.Dict<string>>,
  env: Readonly<Record<string, string>>,
): { readonly values: Record<string, string>; readonly lost: readonly string[] } => {
  const values = new Map<string, string>()
  const underWay = new Set<string>()
  const lost: string[] = []
  const valueOf = (key: string): string | undefined => {
    const known = Object.hasOwn(env, key) ? env[key] : values.get(key)
    if (known !== undefined) return known
    const text = Object.hasOwn(raw, key) ? raw[key] : undefined
    if (text === undefined || underWay.has(key)) return undefined
    underWay.add(key)
    const expanded = expandVariables(text, valueOf)
    if (expanded.lost) lost.push(key)
    // A variable that is set to nothing counts as not set.
    if (expanded.text === '') return undefined
    values.set(key, expanded.text)
    return expanded.text
  }
  const keys = Object.keys(raw)
  keys.filter((key) => ofInterest.test(key)).forEach(valueOf)
  const lostOfInterest = [...lost]
  keys.forEach(valueOf)
  return { values: Object.fromEntries(values), lost: lostOfInterest }
}

/** The lines `NAME=VALUE` of a file, quotes and remarks included. */
const linesOf = (text: string): Readonly<Record<string, string>> =>
  Object.fromEntries(
    [...text.matchAll(/^[^\S\n]*(?:export\s+)?([\w.-]+)[^\S\n]*=[^\S\n]*(\S.*?)\s*$/gm)].map(
      ([, name = '', value = '']) => [name, value],
    ),
  )

const read = (path: string, name: string): string => {
  try {
    // Editors on Windows begin a file with a byte order mark.
    return readFileSync(path, 'utf8').replace(/^\uFEFF/, '')
  } catch (error) {
    const reason = error instanceof Error && 'code' in error ? String(error.code) : String(error)
    throw new MigrateError('INVALID_CONFIG', `${name} cannot be read: ${reason}`, {
      details: { file: name },
      cause: error,
    })
  }
}
