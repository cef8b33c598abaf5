import type { MigrateError, MigrateErrorCode } from '@mig/core'
import type { EndSignal } from '../process/runtime.ts'

/** What the exit codes of `mig` mean. Part of its interface: a code never changes its meaning. */
export const exitCodes = {
  done: 0,
  failed: 1,
  usage: 2,
  dirty: 3,
  lockTimeout: 4,
  pending: 5,
  integrity: 6,
  SIGINT: 130,
  SIGTERM: 143,
} as const

const codes: Partial<Record<MigrateErrorCode, number>> = {
  USAGE: exitCodes.usage,
  INVALID_OPTION: exitCodes.usage,
  INVALID_CONFIG: exitCodes.usage,
  CONFIRMATION_REQUIRED: exitCodes.usage,
  DIRTY_DATABASE: exitCodes.dirty,
  LOCK_TIMEOUT: exitCodes.lockTimeout,
  MISSING_FILE: exitCodes.integrity,
  CHANGED_FILE: exitCodes.integrity,
  OUT_OF_ORDER: exitCodes.integrity,
  CANNOT_BASELINE: exitCodes.integrity,
}

/** The exit code for an error. A signal goes before all, then a database left dirty. */
export const exitCodeOf = (error: MigrateError, signal?: EndSignal): number => {
  if (signal !== undefined) return exitCodes[signal]
  if (error.details.state?.dirty === true) return exitCodes.dirty
  return codes[error.code] ?? exitCodes.failed
}
