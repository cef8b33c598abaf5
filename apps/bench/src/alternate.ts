import { waitUntilIdle } from './idle.ts'
import type { Command, CountedRun, Sample, Surroundings } from './measure.ts'
import { measure, summarise } from './measure.ts'

/** A thing to be measured, with what has to be done around each run of it. */
export interface Contender {
  readonly name: string
  /** Makes ready what the next run needs. Not measured. */
  before(): Promise<Command>
  /**
   * Checks that the run did what it was to do, and cleans up. Not measured. Gives the round trips
   * that the run took, if they were counted.
   */
  after(): Promise<number | null>
  /** Cleans up when no more runs follow, also after a failure. */
  readonly end: () => Promise<void>
}

/** What came of one contender. */
export type Outcome =
  { readonly ok: true; readonly sample: Sample } | { readonly ok: false; readonly reason: string }

/** What is told while it goes on. */
export type Progress = (text: string) => void

/**
 * Runs all contenders in turn, `rounds` times over, so that a slow minute of the machine hits them
 * all alike. Each waits until the one before it has left the processors, and every other round goes
 * backwards: what one leaves to the disk is to hit another one each time. One that fails drops out.
 */
export async function alternate(
  contenders: readonly Contender[],
  rounds: number,
  surroundings: Surroundings,
  progress: Progress,
): Promise<ReadonlyMap<string, Outcome>> {
  const runs = new Map<string, CountedRun[]>(contenders.map(({ name }) => [name, []]))
  const failures = new Map<string, string>()
  const endAll = (): Promise<unknown> =>
    Promise.all(contenders.filter(({ name }) => !failures.has(name)).map(({ end }) => end()))
  for (let round = 0; round < rounds; round++) {
    for (const contender of round % 2 === 0 ? contenders : contenders.toReversed()) {
      if (failures.has(contender.name)) continue
      try {
        const command = await contender.before()
        await waitUntilIdle()
        const run = await measure(command, surroundings)
        const roundTrips = await contender.after()
        runs.get(contender.name)?.push({ ...run, roundTrips })
        progress(`${round + 1}/${rounds} ${contender.name}: ${run.wallMs.toFixed(0)} ms`)
      } catch (error) {
        if (surroundings.signal?.aborted === true) {
          await endAll()
          throw error
        }
        const reason = error instanceof Error ? error.message : String(error)
        failures.set(contender.name, reason)
        progress(`${round + 1}/${rounds} ${contender.name} failed: ${reason}`)
        await contender.end()
      }
    }
  }
  await endAll()
  return new Map(
    contenders.map(({ name }): [string, Outcome] => {
      const reason = failures.get(name)
      return [
        name,
        reason === undefined
          ? { ok: true, sample: summarise(runs.get(name) ?? []) }
          : { ok: false, reason },
      ]
    }),
  )
}
