import type { MigratorEvent } from '@mig/core'
import type { Style } from './style.ts'
import { elapsed, field, join, shown, type Shown } from '@mig/app-kit/terminal'
import { truncate } from './columns.ts'

/** What is going on right now. */
export interface ProgressState {
  readonly activity: Shown
  readonly statement: { readonly done: number; readonly all: number } | undefined
}

type StepEvent = Extract<MigratorEvent, { type: 'step-started' }>

/** A step as progress names it: `2/12 up 3 add_profiles`. */
const stepName = ({ step, steps, direction, version, title }: StepEvent): Shown =>
  field(`${step}/${steps} ${direction} ${version} ${title}`.trimEnd())

const heldBy = (holder: string | undefined): Shown =>
  holder === undefined ? shown`` : shown`, held by ${field(holder)}`

/** What is going on after an event. Pure. */
export const nextProgress = (
  state: ProgressState | undefined,
  event: MigratorEvent,
): ProgressState | undefined => {
  switch (event.type) {
    case 'connection-waiting':
      return { activity: shown`waiting for the database`, statement: undefined }
    case 'lock-waiting':
      return { activity: shown`waiting for the lock${heldBy(event.holder)}`, statement: undefined }
    case 'step-started':
      return {
        activity: stepName(event),
        statement:
          event.kind === 'non-transactional' && event.statements > 1
            ? { done: 0, all: event.statements }
            : undefined,
      }
    case 'statement-finished':
      return state === undefined || event.statements < 2
        ? state
        : { ...state, statement: { done: event.statement, all: event.statements } }
    case 'step-finished':
    case 'lock-acquired':
    case 'planned':
      return undefined
    case 'warning':
      return state
  }
}

/** The live line of a terminal. */
export const renderLive = (
  { activity, statement }: ProgressState,
  options: { readonly ms: number; readonly columns: number; readonly frame: number },
  { symbols }: Style,
): Shown => {
  const frame = symbols.spinner[options.frame % symbols.spinner.length] ?? shown``
  const number = statement === undefined ? 0 : Math.min(statement.done + 1, statement.all)
  const text = join(
    [
      shown`${frame} ${activity}`,
      ...(statement === undefined ? [] : [shown`statement ${number} of ${statement.all}`]),
      elapsed(options.ms),
    ],
    ` ${symbols.dot} `,
  )
  return truncate(text, options.columns - 1, symbols.ellipsis)
}

/** The plain line of an event where there is no terminal, or nothing for events that have none. */
export const renderPlain = (event: MigratorEvent): Shown | undefined => {
  switch (event.type) {
    case 'connection-waiting':
      return event.attempt === 1
        ? shown`Waiting for the database: ${field(event.message)}`
        : undefined
    case 'lock-waiting':
      return shown`Waiting for the lock${heldBy(event.holder)}`
    case 'lock-acquired':
      return shown`Got the lock after ${elapsed(event.waitedMs)}`
    case 'step-started':
      return field(
        `[${event.step}/${event.steps}] ${event.direction} ${event.version} ${event.title}`.trimEnd(),
      )
    case 'planned':
    case 'statement-finished':
    case 'step-finished':
    case 'warning':
      return undefined
  }
}
