import type { LedgerEvent } from '../ledger/ledger.ts'
import type { Direction, Version } from '../plan/migration.ts'
import type { VersionState } from '../plan/version-state.ts'
import { isKnownCode } from '../errors/error-catalog.ts'

/** What the ledger knows of the step that left the database dirty. */
export interface RecordedStep {
  readonly version: Version
  readonly direction: Direction
  readonly from: Version | null
  readonly to: Version | null
  readonly started: LedgerEvent
  /** Statements 1 to this one are in effect. */
  readonly certain: number
  /** Checksum of the script up to that statement. */
  readonly certainChecksum: string | null
  /** Statements were recorded as they ended. */
  readonly journalled: boolean
  readonly failed?: LedgerEvent
  /** The server refused a statement, so that it is not in effect. Without it the last one may be. */
  readonly refused?: number
}

/** Who made the database dirty. */
export type DirtyCause =
  | { readonly by: 'mig'; readonly step: RecordedStep }
  /** Nobody who writes a ledger. `before` is the version that was on record before it, where any was. */
  | { readonly by: 'other'; readonly before?: Version | null }

const readDetails = (details: string | null): Readonly<Record<string, unknown>> => {
  if (details === null) return {}
  try {
    const parsed: unknown = JSON.parse(details)
    return typeof parsed === 'object' && parsed !== null ? { ...parsed } : {}
  } catch {
    return {}
  }
}

/** Events that belong to the step they follow; a repair that leaves the mark is about to run what is left of it. */
const isWithin = ({ kind, dirty }: LedgerEvent): boolean =>
  kind === 'statement' || kind === 'failed' || kind === 'accepted' || (kind === 'repaired' && dirty)

const checksumIn = (value: unknown): string | null => (typeof value === 'string' ? value : null)

/**
 * A code of the server's stands there only where it refused the statement; for all else there is one of mig's. A code of
 * a later mig looks like the server's, so its event says that the server refused nothing.
 */
const wasRefused = ({ statement, errorCode, details }: LedgerEvent): boolean =>
  statement !== null &&
  errorCode !== null &&
  !isKnownCode(errorCode) &&
  readDetails(details)['refused'] !== false

/** Finds in the ledger which step left the database dirty. Pure. */
export const causeOf = (events: readonly LedgerEvent[], state: VersionState): DirtyCause => {
  const index = events.findLastIndex((event) => !isWithin(event))
  const event = events[index]
  if (event === undefined) return { by: 'other' }
  if (event.kind !== 'started' || event.to !== state.version) {
    // The first event of all says where the version row was found, and nothing of where it had been.
    if (event.kind === 'observed' && index === 0) return { by: 'other' }
    return { by: 'other', before: event.kind === 'observed' ? event.from : event.to }
  }
  const { version, direction, from, to } = event
  if (version === null || direction === null) return { by: 'other', before: from }
  const details = readDetails(event.details)
  const later = events.slice(index + 1)
  const done = later.filter(({ kind }) => kind === 'statement').at(-1)
  const resumed = Number(details['resumedFrom'] ?? 0)
  const certain = Math.max(done?.statement ?? 0, resumed)
  const failed = later.findLast(({ kind }) => kind === 'failed')
  const refused = failed !== undefined && wasRefused(failed) ? failed.statement : null
  return {
    by: 'mig',
    step: {
      version,
      direction,
      from,
      to,
      started: event,
      certain,
      certainChecksum:
        done?.statement === certain ? done.checksum : checksumIn(details['checksum']),
      journalled: details['journal'] !== false,
      ...(failed === undefined ? {} : { failed }),
      ...(refused === null ? {} : { refused }),
    },
  }
}

/** The newest failure that left the database clean, if nothing was done about it since. Pure. */
export const lastCleanFailure = (events: readonly LedgerEvent[]): LedgerEvent | undefined => {
  const last = events.at(-1)
  return last?.kind === 'failed' && !last.dirty ? last : undefined
}
