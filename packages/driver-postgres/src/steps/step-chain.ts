import type { AtomicStep } from '@mig/core/driver'
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
import { moveMarker } from '../tables/version-table.ts'

/**
 * Steps that are sent one behind the other without waiting for an answer in between, so that the server never waits
 * for the client. Each stays a transaction of its own that runs only where the one before it left the marker: behind
 * a step that failed, the others that are under way fail without having done anything.
 */
export interface StepChain {
  readonly steps: readonly AtomicStep[]
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

/** The first of the steps that are offered, and those behind it that may be under way with it. */
export const chainSteps = (
  state: DriverState,
  [first, ...others]: readonly [AtomicStep, ...AtomicStep[]],
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
 * Nobody else may move the marker, a cancelled step must not be the wrong one, and a time limit is one of a single
 * step.
 */
const mayChain = ({ lock, session, settings, marker }: DriverState): boolean =>
  lock.held &&
  (lock.strategy === 'advisory' || lock.strategy === 'table') &&
  session.handle.owned &&
  settings.statementTimeoutMs === 0 &&
  marker.writes === 'update'

/** The step runs exactly if the one before it is done: nothing of that one stands behind its COMMIT. */
const follows = (before: AtomicStep, step: AtomicStep): boolean =>
  isPlain(before) && isPlain(step) && step.from === before.to

const isPlain = (step: AtomicStep): boolean =>
  step.block === undefined && step.from !== step.to && isOneMessage(step)

const singleStep = (state: DriverState, step: AtomicStep): StepChain => {
  const layout = layOutStep(step, frameOf(state, step))
  return {
    steps: [step],
    messages: layout.map((parts) => toQueryMessage(parts, layout.length === 1)),
    placeOf: () => ({ index: 0, layout, messagesBefore: 0 }),
  }
}

const seriesOf = (state: DriverState, steps: readonly AtomicStep[]): StepChain => {
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

/** What stands around a body. Only the first step of a chain can find rows of another tool. */
const frameOf = (state: DriverState, step: AtomicStep, index = 0): StepFrame => {
  const { marker, reset, lock, ledger } = state
  const tidy = { ...marker, extraRows: false }
  const clean = { version: step.to, dirty: false }
  const dirty = { version: step.to, dirty: true }
  return {
    open: [
      ...lock.inTransaction,
      ...moveMarker(index === 0 ? marker : tidy, {
        from: { version: step.from, dirty: false },
        to: dirty,
      }),
    ],
    close: [
      ...reset.roles,
      ...moveMarker(tidy, { from: dirty, to: clean, sameTransaction: true }),
      ...(ledger === undefined ? [] : [appendToLedger(ledger, step.entry, 'of-transaction')]),
    ],
    reset: reset.all,
    roles: reset.roles,
  }
}
