import type { MigrateError, MigrateErrorCode } from '@mig/core'

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
