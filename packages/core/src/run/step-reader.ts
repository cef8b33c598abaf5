import type { ClassifiedStep, ReadStep } from './prepare-step.ts'
import type { MigrationStep } from '../plan/migration.ts'

interface Read {
  readonly ready?: ClassifiedStep
  readonly failed?: unknown
}

interface Reading {
  readonly read: Promise<Read>
  /** Length of the script, as soon as it is known. */
  characters: number
  ready?: ClassifiedStep
}

const batchCharacters = 1_000_000
/** With so much at hand, the step under way included, nothing more is read. */
const mostCharacters = 8_000_000
const mostAtOnce = 8

/** Reads steps just before they are needed: the next ones while the current one runs, never many large ones at once. */
export class StepReader {
  readonly #steps: readonly MigrationStep[]
  readonly #read: ReadStep
  readonly #width: number
  #consumed = 0
  /** The readings from the next step on. */
  readonly #readings: Reading[] = []
  #wanted = 0
  #underWay = 0
  #characters = 0
  #scheduled = false

  constructor(steps: readonly MigrationStep[], width: number, read: ReadStep) {
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
    const read = await this.#first()
    if (read === undefined) return undefined
    if (read.ready === undefined) throw read.failed
    return read.ready
  }

  /** The next step if it could be read. A failure to read it is kept for `next`. */
  async peek(): Promise<ClassifiedStep | undefined> {
    return (await this.#first())?.ready
  }

  /** A step so far after the next one, if it has been read by now. */
  atHand(after: number): ClassifiedStep | undefined {
    return this.#readings[after]?.ready
  }

  /** The next step and those after it that a driver may run with it: transactional ones, 1 MB at most together. */
  async batch(first: ClassifiedStep): Promise<ClassifiedStep[]> {
    const batch = [first]
    let characters = first.step.script.length
    while (batch.length < this.#width) {
      this.#readAhead(this.#width)
      const ready = (await this.#readings[batch.length]?.read)?.ready
      if (ready?.classification.kind !== 'transactional') break
      characters += ready.step.script.length
      if (characters > batchCharacters) break
      batch.push(ready)
    }
    return batch
  }

  /**
   * Goes on reading while a step runs: the next batch, and the step after it. Not before what the caller does next is
   * on its way to the server, which would wait for it.
   */
  readAhead(): void {
    if (this.#scheduled) return
    this.#scheduled = true
    setImmediate(() => {
      this.#scheduled = false
      this.#readAhead(this.#width + 2)
    })
  }

  /** Marks steps as done, so that `next` gives the one after them. */
  consume(count: number): void {
    this.#consumed += count
    for (const { characters } of this.#readings.splice(0, count)) this.#characters -= characters
  }

  #first(): Promise<Read> | undefined {
    const [reading] = this.#readings
    if (reading !== undefined) return reading.read
    const step = this.#steps[this.#consumed]
    return step === undefined ? undefined : this.#start(step).read
  }

  #readAhead(count: number): void {
    this.#wanted = count
    while (
      this.#readings.length < this.#wanted &&
      this.#underWay < mostAtOnce &&
      this.#characters < mostCharacters
    ) {
      const step = this.#steps[this.#consumed + this.#readings.length]
      if (step === undefined) return
      this.#start(step)
    }
  }

  #start(step: MigrationStep): Reading {
    this.#underWay++
    const reading: Reading = { read: this.#readStep(step, () => reading), characters: 0 }
    this.#readings.push(reading)
    return reading
  }

  async #readStep(step: MigrationStep, own: () => Reading): Promise<Read> {
    try {
      const ready = await this.#read(step)
      const reading = own()
      // What was given up meanwhile is held by nobody.
      if (this.#readings.includes(reading)) {
        reading.ready = ready
        reading.characters = ready.step.script.length
        this.#characters += reading.characters
      }
      return { ready }
    } catch (failed) {
      return { failed }
    } finally {
      this.#underWay--
      this.#readAhead(this.#wanted)
    }
  }
}
