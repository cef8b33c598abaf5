import type { LedgerEvent } from './ledger.ts'
import type { Migration, Version } from '../plan/migration.ts'
import { versionToRow, type VersionState } from '../plan/version-state.ts'

/**
 * How a version came to be applied:
 *
 * - `run`: mig ran it.
 * - `elsewhere`: somebody who writes no ledger moved the version row over it.
 * - `set`: the version row was set over it by force, repair or baseline.
 */
export type AppliedHow = 'run' | 'elsewhere' | 'set'

/** What the ledger says of a version that is applied. */
export interface AppliedRecord {
  readonly how: AppliedHow
  readonly title: string
  readonly at: Date
  readonly actor: string
  readonly durationMs: number | null
  /** Checksum of the script that ran, or of the one that was accepted since. `null` where none is known. */
  readonly checksum: string | null
}

/** What the ledger explains of the version row. */
export interface LedgerView {
  /** Whether there is anything to go by. Without it everything at or below the version row counts as applied. */
  readonly known: boolean
  readonly applied: ReadonlyMap<Version, AppliedRecord>
  /** Whether a version at or below the version row was really applied, as far as anybody can know. */
  isApplied(version: Version): boolean
}

interface Move {
  readonly from: Version | null
  readonly to: Version | null
  /** Versions that existed as files then. Absent where nobody looked: all of them may have. */
  readonly files: ReadonlySet<Version> | undefined
  readonly record: AppliedRecord
}

const filesOf = (details: string | null): ReadonlySet<Version> | undefined => {
  if (details === null) return undefined
  const parsed: unknown = JSON.parse(details)
  if (typeof parsed !== 'object' || parsed === null || !('files' in parsed)) return undefined
  return Array.isArray(parsed.files)
    ? new Set(parsed.files.map((file) => BigInt(String(file))))
    : undefined
}

const recordOf = (event: LedgerEvent, how: AppliedHow): AppliedRecord => ({
  how,
  title: event.title,
  at: event.at,
  actor: event.actor,
  durationMs: event.durationMs,
  checksum: event.checksum,
})

/** Follows the version row through the ledger, event by event. */
class Replay {
  readonly applied = new Map<Version, AppliedRecord>()
  #moves: Move[] = []
  #versionTable: Version | null = null

  /** The version row went somewhere without a script that ran under mig. */
  move({ from, to, files, record }: Move): void {
    const top = versionToRow(to)
    for (const version of this.applied.keys()) if (version > top) this.applied.delete(version)
    this.#moves = this.#moves.map((move) => (versionToRow(move.to) > top ? { ...move, to } : move))
    const bottom = versionToRow(from)
    if (files === undefined) {
      if (top > bottom) this.#moves.push({ from, to, files, record })
      return
    }
    for (const version of files) {
      const passed = version > bottom && version <= top
      if ((passed || version === to) && !this.applied.has(version))
        this.applied.set(version, record)
    }
  }

  isApplied(version: Version): boolean {
    return (
      this.applied.has(version) ||
      this.#moves.some(
        ({ from, to }) => version > versionToRow(from) && version <= versionToRow(to),
      )
    )
  }

  follow(event: LedgerEvent): void {
    const { version } = event
    // Whoever observes goes by the newest event there was. Where runs share no lock, another one may have gone on since.
    const stale = event.kind === 'observed' && event.from !== this.#versionTable
    if (stale) return
    this.#versionTable = event.to
    switch (event.kind) {
      case 'applied':
        if (version !== null) this.applied.set(version, recordOf(event, 'run'))
        break
      case 'reverted':
        if (version !== null) this.applied.delete(version)
        break
      case 'observed':
      case 'forced':
      case 'repaired':
      case 'baselined': {
        const how = event.kind === 'observed' ? 'elsewhere' : 'set'
        const { from, to } = event
        this.move({ from, to, files: filesOf(event.details), record: recordOf(event, how) })
        break
      }
      case 'accepted': {
        const record = version === null ? undefined : this.applied.get(version)
        if (version !== null && record !== undefined) {
          this.applied.set(version, { ...record, checksum: event.checksum })
        }
        break
      }
      case 'started':
      case 'statement':
      case 'failed':
        break
    }
  }
}

/**
 * Explains a version row by the ledger's events. Where the version row is not where the newest event left it, somebody else moved
 * it since, over the files that are there now. Pure.
 */
export const viewLedger = (
  events: readonly LedgerEvent[],
  state: VersionState,
  migrations: readonly Migration[],
): LedgerView => {
  const replay = new Replay()
  for (const event of events) replay.follow(event)
  const last = events.at(-1)
  if (last !== undefined && last.to !== state.version && !state.dirty) {
    replay.move({
      from: last.to,
      to: state.version,
      files: new Set(migrations.map(({ version }) => version)),
      record: { ...recordOf(last, 'elsewhere'), title: '', durationMs: null, checksum: null },
    })
  }
  return {
    known: events.length > 0,
    applied: replay.applied,
    isApplied: (version) => events.length === 0 || replay.isApplied(version),
  }
}

/** Versions that have files, stand below the version row and were never applied. Ascending. */
export const outOfOrderOf = (
  view: LedgerView,
  state: VersionState,
  migrations: readonly Migration[],
): readonly Migration[] => {
  const { version: versionTable } = state
  if (versionTable === null || !view.known) return []
  return migrations.filter(({ version }) => version < versionTable && !view.isApplied(version))
}
