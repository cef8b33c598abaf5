import type { ClassifiedStep } from './prepare-step.ts'
import type { MigrationStep } from './migration.ts'

type Reading =
  { readonly ready: ClassifiedStep } | { readonly failed: unknown; readonly ready?: undefined }

const batchCharacters = 1_000_000
const readAheadCharacters = 8_000_000

/**
 * Reads steps just before they are needed: the next ones while the current one runs, never more than a batch of them,
 * and none beside a body that is large itself.
 */
export class StepReader {
  readonly #steps: readonly MigrationStep[]
  readonly #read: (step: MigrationStep) => Promise<ClassifiedStep>
  readonly #width: number
  #consumed = 0
  /** The readings from the next step on. */
  readonly #readings: Promise<Reading>[] = []

  constructor(
    steps: readonly MigrationStep[],
    width: number,
    read: (step: MigrationStep) => Promise<ClassifiedStep>,
  ) {
    this.#steps = steps
    this.#width = width
    this.#read = read
  }

  /** How many steps are consumed. */
  get consumed(): number {
    return this.#consumed
  }

  /** The next step, or nothing at the end. Throws what reading it threw. */
  async next(): Promise<ClassifiedStep | undefined> {
    if (this.#consumed >= this.#steps.length) return undefined
    this.#readAhead(1)
    return this.#at(0)
  }

  /** The next step if it could be read. A failure to read it is kept for `next`. */
  async peek(): Promise<ClassifiedStep | undefined> {
    this.#readAhead(1)
    return (await this.#readings[0])?.ready
  }

  /** The next step and those behind it that a driver may run with it: atomic ones, 1 MB at most together. */
  async batch(first: ClassifiedStep): Promise<ClassifiedStep[]> {
    const batch = [first]
    if (this.#width === 1) return batch
    this.#readAhead(this.#width)
    let characters = first.step.body.length
    while (batch.length < this.#width && batch.length < this.#readings.length) {
      const reading = await this.#readings[batch.length]
      if (reading?.ready?.classification.kind !== 'atomic') break
      characters += reading.ready.step.body.length
      if (characters > batchCharacters) break
      batch.push(reading.ready)
    }
    return batch
  }

  /** Starts reading what comes behind the current step. */
  readAheadOf(current: ClassifiedStep): void {
    if (current.step.body.length <= readAheadCharacters) this.#readAhead(this.#width + 1)
  }

  /** Marks steps as done, so that `next` gives the one behind them. */
  consume(count: number): void {
    this.#consumed += count
    void this.#readings.splice(0, count)
  }

  async #at(index: number): Promise<ClassifiedStep | undefined> {
    const reading = await this.#readings[index]
    if (reading === undefined) return undefined
    if (reading.ready === undefined) throw reading.failed
    return reading.ready
  }

  #readAhead(count: number): void {
    while (this.#readings.length < count) {
      const step = this.#steps[this.#consumed + this.#readings.length]
      if (step === undefined) return
      this.#readings.push(this.#start(step))
    }
  }

  async #start(step: MigrationStep): Promise<Reading> {
    try {
      return { ready: await this.#read(step) }
    } catch (failed) {
      return { failed }
    }
  }
}
