import type { TransactionalStep } from '@mig/core/driver'
import type { TransactionalMessages } from './transactional-messages.ts'
import type { SentAhead } from './pipelined-write.ts'
import type { StepContext } from './step-context.ts'

/** A transactional step whose script was sent after the end of the one before it. */
export interface SentStep {
  readonly step: TransactionalStep
  readonly messages: TransactionalMessages
  readonly script: SentAhead
}

/** Keeps the step that was sent until it is its turn. */
export class SentSteps {
  #sent: SentStep | undefined

  put(sent: SentStep): void {
    this.#sent = sent
  }

  /** The step if it was sent. No other one may come before it. */
  take({ parsed }: TransactionalStep): SentStep | undefined {
    const sent = this.#sent
    this.#sent = undefined
    if (sent !== undefined && sent.step.parsed !== parsed) {
      throw new Error('Another step than the one that was sent is to be run')
    }
    return sent
  }

  /** The session that it was sent over is gone, and with it what it did. */
  forget(): void {
    this.#sent = undefined
  }
}

/** What steps work with that may be sent before their turn. */
export interface SendingContext extends StepContext {
  readonly sentSteps: SentSteps
}
