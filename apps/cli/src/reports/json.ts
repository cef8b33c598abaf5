import type { MigrateError, MigrateErrorCode } from '@mig/core'
import type { Shown } from '@mig/app-kit/terminal'

/** What `--json` prints when a command did its work. */
export interface JsonSuccess {
  readonly ok: true
  readonly command: string
  readonly result: unknown
}

/** What `--json` prints when it did not. */
export interface JsonFailure {
  readonly ok: false
  readonly command: string
  readonly error: {
    readonly code: MigrateErrorCode
    readonly message: string
    readonly hint: string | null
    readonly details: unknown
    readonly exitCode: number
  }
}

/** Whether a command line asks for JSON. */
export const wantsJson = (
  argv: readonly string[],
  env: Readonly<Record<string, string | undefined>>,
): boolean => {
  const end = argv.indexOf('--')
  return (
    (end === -1 ? argv : argv.slice(0, end)).includes('--json') ||
    /^(1|true|yes|on)$/i.test(env['MIG_JSON'] ?? '')
  )
}

/** Plain JSON of any of our data: versions as text, times in ISO 8601, durations as whole milliseconds. */
const toJson = (value: unknown, key = ''): unknown => {
  if (typeof value === 'bigint') return value.toString()
  if (typeof value === 'number') return key.endsWith('Ms') ? Math.round(value) : value
  if (value instanceof Date) return value.toISOString()
  if (Array.isArray(value)) return value.map((item) => toJson(item))
  if (typeof value !== 'object' || value === null) return value
  return Object.fromEntries(
    Object.entries(value)
      .filter(([, item]) => item !== undefined)
      .map(([name, item]) => [name, toJson(item, name)]),
  )
}

/** The one object of a command that failed. */
export const failureJson = (
  command: string,
  error: MigrateError,
  exitCode: number,
  changed?: unknown,
): JsonFailure => ({
  ok: false,
  command,
  error: {
    code: error.code,
    message: error.message,
    hint: error.hint ?? null,
    details: toJson(changed === undefined ? error.details : { ...error.details, changed }),
    exitCode,
  },
})

// Terminals take some of them for commands, and some turn the direction of a text round.
const controls =
  // oxlint-disable-next-line no-control-regex -- control characters are what this is about
  /[\u007f-\u009f\u061c\u200e\u200f\u2028-\u202e\u2066-\u2069]/g

/**
 * The one object that `--json` prints, with every control character escaped. JSON itself asks for that up to U+001F
 * only.
 */
export const jsonText = (json: unknown): Shown =>
  `${JSON.stringify(json, null, 2).replace(
    controls,
    (character) => `\\u${character.charCodeAt(0).toString(16).padStart(4, '0')}`,
  )}\n` as Shown
