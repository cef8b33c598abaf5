import type { RunReport, StateReport, StepReport } from '../reports.ts'
import type { Style } from './style.ts'
import { columns, count, elapsed, lines } from './text.ts'

/** A state as people read it: `3`, `3 (dirty)`, `none`. */
export const renderState = ({ version, dirty }: StateReport): string =>
  `${version ?? 'none'}${dirty ? ' (dirty)' : ''}`

/** What is said where there is nothing to do. */
export const renderNothing = (state: StateReport): string =>
  state.version === null
    ? 'Nothing to do: nothing is applied.'
    : `Nothing to do: the database is at version ${renderState(state)}.`

const stepCells = (step: StepReport, { green, dim, symbols }: Style): readonly string[] => [
  `  ${green(symbols.done)}`,
  step.direction,
  step.version,
  step.file ?? `${step.title} ${dim('(no file, nothing ran)')}`.trim(),
  dim(elapsed(step.durationMs)),
]

/** The steps of a run, one line each. */
const renderSteps = (steps: readonly StepReport[], style: Style): string[] =>
  columns(steps.map((step) => stepCells(step, style)))

const summary = ({ steps }: RunReport): string => {
  const up = steps.filter(({ direction }) => direction === 'up').length
  const down = steps.length - up
  if (down === 0) return `Applied ${count(up, 'migration')}`
  if (up === 0) return `Reverted ${count(down, 'migration')}`
  return `Reverted ${count(down, 'migration')} and applied ${count(up, 'migration')}`
}

/** What a run did. */
export const renderRun = (report: RunReport, style: Style): string => {
  const { steps, from, to } = report
  if (steps.length === 0) {
    return lines(renderNothing(to))
  }
  const way = `${renderState(from)} ${style.symbols.arrow} ${renderState(to)}`
  return lines(
    ...renderSteps(steps, style),
    `${summary(report)} in ${elapsed(report.durationMs)}: ${way}.`,
    ...(report.notDurableReason === null
      ? []
      : [style.yellow(`Not confirmed on disk: ${report.notDurableReason}`)]),
  )
}
