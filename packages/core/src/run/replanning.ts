import type { Driver } from '../driver/driver.ts'
import { MigrateError } from '../errors/errors.ts'
import type { Version } from '../plan/migration.ts'
import { formatState, sameState, versionToRow, type VersionState } from '../plan/version-state.ts'

/** How often a run is planned anew without having come further since. */
const mostPlansWithoutProgress = 3

/**
 * Counts how often the rest of a run was planned anew without progress, and ends the run when that is too often.
 *
 * Progress is a step that was applied, or a version that is nearer to the target than any that was read before. A
 * trigger on the version table that undoes the write brings neither, and the run would go on for ever.
 */
export class Replanning {
  readonly #driver: Driver
  readonly #upwards: boolean
  #furthest: Version | null
  #applied: number
  #plans = 0
  #seen: VersionState[]

  /** `applied` is how many steps the run has applied so far. */
  constructor(driver: Driver, upwards: boolean, start: VersionState, applied: number) {
    this.#driver = driver
    this.#upwards = upwards
    this.#furthest = start.version
    this.#applied = applied
    this.#seen = [start]
  }

  /** Takes the version that was read back. Throws `STATE_CHANGED` where planning anew has not helped. */
  async requireProgress(state: VersionState, applied: number): Promise<void> {
    const nearer = this.#upwards
      ? versionToRow(state.version) > versionToRow(this.#furthest)
      : versionToRow(state.version) < versionToRow(this.#furthest)
    if (nearer) this.#furthest = state.version
    if (nearer || applied > this.#applied) {
      this.#applied = applied
      this.#plans = 0
      this.#seen = [state]
      return
    }
    this.#seen.push(state)
    if (this.#plans === mostPlansWithoutProgress) throw await this.#stuck()
    this.#plans++
  }

  async #stuck(): Promise<MigrateError> {
    const { migrationsTable } = this.#driver.database
    const tries = this.#plans + 1
    const first = this.#seen[0]
    const moves = this.#seen.filter((state) => first === undefined || !sameState(state, first))
    const reasons = await this.#reasons()
    const because = reasons.length === 0 ? '' : `: ${reasons.join('; ')}`
    if (moves.length > 0) {
      const seen = this.#seen.map((state) => formatState(state)).join(', ')
      return new MigrateError(
        'STATE_CHANGED',
        `Something else moves the version in ${migrationsTable} (seen: ${seen}), ` +
          `and ${tries} attempts to run the next step found it moved${because}`,
        {
          hint: 'Find the other program or trigger that writes this table, stop it, then run the command again.',
        },
      )
    }
    return new MigrateError(
      'STATE_CHANGED',
      `The version in ${migrationsTable} stays at ${first === undefined ? 'what it was' : formatState(first)}: ` +
        `${tries} attempts to write the next one changed nothing${because}`,
      {
        hint: 'Look for a trigger, a rule or a row security policy on this table that undoes the write ("mig doctor" names it), remove it, then run the command again.',
      },
    )
  }

  /** What the driver knows to be wrong with the tables, and who holds the lock, where it can be asked. */
  async #reasons(): Promise<readonly string[]> {
    try {
      const inspection = await this.#driver.inspect?.({ scripts: [] })
      return (inspection?.observations ?? []).flatMap((observation) => {
        if (observation.kind === 'untrusted-table') return [observation.reason]
        return observation.kind === 'lock-held' ? [`the lock is held by ${observation.holder}`] : []
      })
    } catch {
      // The run has failed already; why the look at the database fails says nothing about that.
      return []
    }
  }
}
