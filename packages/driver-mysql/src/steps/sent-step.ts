import type { AtomicStep } from '@mig/core/driver'
import type { AtomicMessages } from './transactional-messages.ts'
import type { SentAhead } from './pipelined-write.ts'

/** An atomic step whose body was sent behind the end of the one before it. */
export interface SentStep {
  readonly step: AtomicStep
  readonly messages: AtomicMessages
  readonly body: SentAhead
}

/** Keeps the step that was sent until it is its turn. */
export class SentSteps {
  #sent: SentStep | undefined

  put(sent: SentStep): void {
    this.#sent = sent
  }

  /** The step if it was sent. No other one may come before it. */
  take({ script }: AtomicStep): SentStep | undefined {
    const sent = this.#sent
    this.#sent = undefined
    if (sent !== undefined && sent.step.script !== script) {
      throw new Error('Another step than the one that was sent is to be run')
    }
    return sent
  }

  /** The session that it was sent over is gone, and with it what it did. */
  forget(): void {
    this.#sent = undefined
  }
}
