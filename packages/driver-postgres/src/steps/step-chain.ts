import type { TransactionalStep } from '@mig/core/driver'
import type { MessageSeries } from '../session/exchange.ts'
import { appendToLedger } from '../tables/ledger.ts'
import type { DriverState } from '../state.ts'
import {
  isOneMessage,
  layOutStep,
  type StepFrame,
  type StepMessages,
  toQueryMessage,
} from './step-message.ts'
import { moveVersion } from '../tables/version-table.ts'

/**
 * Steps that are sent one after the other without waiting for an answer in between, so that the server never waits
 * for the client. Each stays a transaction of its own that runs only where the one before it left the version row: after
 * a step that failed, the others that are under way fail without having done anything.
 */
export interface StepChain {
  readonly steps: readonly TransactionalStep[]
  readonly messages: MessageSeries
  /** The step that a message belongs to, its layout, and how many messages come before it. */
  placeOf(message: number): ChainPlace
}

/** Where a message of a chain belongs. */
interface ChainPlace {
  readonly index: number
  readonly layout: StepMessages
  readonly messagesBefore: number
}

/** The first of the steps that are offered, and those after it that may be under way with it. */
export const chainSteps = (
  state: DriverState,
  [first, ...others]: readonly [TransactionalStep, ...TransactionalStep[]],
): StepChain => {
  const steps = [first]
  if (mayChain(state)) {
    for (const step of others) {
      const last = steps.at(-1)
      if (last === undefined || !follows(last, step)) break
      steps.push(step)
    }
  }
  return steps.length === 1 ? singleStep(state, first) : seriesOf(state, steps)
}

/**
 * Nobody else may move the version row, a cancelled step must not be the wrong one, and a time limit is one of a single
 * step.
 */
const mayChain = ({ lock, session, settings, versionTable }: DriverState): boolean =>
  lock.held &&
  (lock.strategy === 'advisory' || lock.strategy === 'table') &&
  session.handle.owned &&
  settings.statementTimeoutMs === 0 &&
  versionTable.writes === 'update'

/** The step runs exactly if the one before it is done: nothing of that one stands after its COMMIT. */
const follows = (before: TransactionalStep, step: TransactionalStep): boolean =>
  isPlain(before) && isPlain(step) && step.from === before.to

const isPlain = (step: TransactionalStep): boolean =>
  step.block === undefined && step.from !== step.to && isOneMessage(step)

const singleStep = (state: DriverState, step: TransactionalStep): StepChain => {
  const layout = layOutStep(step, frameOf(state, step))
  return {
    steps: [step],
    messages: layout.map((parts) => toQueryMessage(parts, layout.length === 1)),
    placeOf: () => ({ index: 0, layout, messagesBefore: 0 }),
  }
}

const seriesOf = (state: DriverState, steps: readonly TransactionalStep[]): StepChain => {
  const layouts: (StepMessages | undefined)[] = []
  const layoutAt = (index: number): StepMessages => {
    const step = steps[index]
    return (layouts[index] ??=
      step === undefined ? [] : layOutStep(step, frameOf(state, step, index)))
  }
  return {
    steps,
    messages: {
      length: steps.length,
      at: (index) => {
        const [parts] = layoutAt(index)
        return parts === undefined ? undefined : toQueryMessage(parts, true)
      },
    },
    placeOf: (message) => ({
      index: message,
      layout: layoutAt(message),
      messagesBefore: message,
    }),
  }
}

/** What stands around a script. Only the first step of a chain can find rows of another tool. */
const frameOf = (state: DriverState, step: TransactionalStep, index = 0): StepFrame => {
  const { versionTable, reset, lock, ledger } = state
  const tidy = { ...versionTable, extraRows: false }
  const clean = { version: step.to, dirty: false }
  const dirty = { version: step.to, dirty: true }
  return {
    open: [
      ...lock.inTransaction,
      ...moveVersion(index === 0 ? versionTable : tidy, {
        from: { version: step.from, dirty: false },
        to: dirty,
      }),
    ],
    close: [
      ...reset.roles,
      ...moveVersion(tidy, { from: dirty, to: clean, sameTransaction: true }),
      ...(ledger === undefined ? [] : [appendToLedger(ledger, step.entry, 'of-transaction')]),
    ],
    reset: reset.all,
    roles: reset.roles,
  }
}
