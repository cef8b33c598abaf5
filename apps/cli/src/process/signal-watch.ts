import type { MigratorEvent } from '@mig/core'
import type { EndSignal, SignalSource } from './runtime.ts'

/** What a watch over signals is made of. */
export interface SignalWatchOptions {
  readonly source: SignalSource
  readonly onSignal: 'finish' | 'cancel'
  /** Tells the person at the terminal what their signal does. */
  readonly tell: (message: string) => void
}

const signals: readonly EndSignal[] = ['SIGINT', 'SIGTERM']

/**
 * Turns signals into what a run understands. The first lets the running step finish, or cancels where nothing runs yet
 * or `--on-signal=cancel` was given; the second cancels.
 *
 * A driver whose statements block the thread is another matter. While a statement runs no listener of ours would be
 * called, yet an installed listener takes away the system's own answer to the signal: Ctrl-C would do nothing until the
 * statement ends. Installing listeners between statements only would lose a signal that arrives while they are being
 * removed. So for such a driver `release` removes them before the run begins, and from then on a signal ends the process
 * at once, with the exit status that shells report as 130 or 143. That is safe: what such a database had not committed
 * is taken back by its own journal when it is opened next.
 */
export class SignalWatch {
  readonly #stop = new AbortController()
  readonly #cancel = new AbortController()
  readonly #options: SignalWatchOptions
  readonly #listeners: readonly (readonly [EndSignal, () => void])[]
  #running = false
  #waiting = false
  #received: EndSignal | undefined

  constructor(options: SignalWatchOptions) {
    this.#options = options
    this.#listeners = signals.map((signal) => [signal, () => this.#receive(signal)])
    for (const [signal, listener] of this.#listeners) options.source.on(signal, listener)
  }

  /** Fires when the run is to end after the running step. */
  get stop(): AbortSignal {
    return this.#stop.signal
  }

  /** Fires when what is running is to be cancelled. */
  get cancel(): AbortSignal {
    return this.#cancel.signal
  }

  /** The first signal that came. */
  get received(): EndSignal | undefined {
    return this.#received
  }

  /** Follows the run, to know whether there is a step to wait for. */
  readonly follow = (event: MigratorEvent): void => {
    if (event.type === 'step-started') this.#running = true
    if (event.type === 'lock-waiting') this.#waiting = true
    if (event.type === 'lock-acquired') this.#waiting = false
  }

  /** Leaves signals to the system from now on. A signal that is on its way is taken in first. */
  async release(): Promise<void> {
    await new Promise((resolve) => setImmediate(resolve))
    this.close()
  }

  /** Ends the watch. */
  close(): void {
    for (const [signal, listener] of this.#listeners) this.#options.source.off(signal, listener)
  }

  #receive(signal: EndSignal): void {
    const isFirst = this.#received === undefined
    this.#received ??= signal
    const finishes = this.#running && !this.#waiting && this.#options.onSignal === 'finish'
    this.#stop.abort(signal)
    if (isFirst && finishes) {
      this.#options.tell(`${signal}: ending after the running step. Once more to cancel it.`)
      return
    }
    if (!this.#cancel.signal.aborted) this.#options.tell(`${signal}: cancelling.`)
    this.#cancel.abort(signal)
  }
}
