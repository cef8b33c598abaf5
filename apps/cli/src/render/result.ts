import type { RunReport, StateReport, StepReport } from '../reports.ts'
import type { Style } from './style.ts'
import { columnWidths, count, elapsed, inColumns, lines } from './text.ts'

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

const linesPerPiece = 200

function* cellsOf(steps: readonly StepReport[], style: Style): Generator<readonly string[]> {
  for (const step of steps) yield stepCells(step, style)
}

/** The steps of a run, one line each. */
function* renderSteps(steps: readonly StepReport[], style: Style): Generator<string> {
  const widths = columnWidths(cellsOf(steps, style))
  for (let start = 0; start < steps.length; start += linesPerPiece) {
    const piece = steps.slice(start, start + linesPerPiece)
    yield lines(...piece.map((step) => inColumns(stepCells(step, style), widths)))
  }
}

const summary = ({ steps }: RunReport): string => {
  const up = steps.filter(({ direction }) => direction === 'up').length
  const down = steps.length - up
  if (down === 0) return `Applied ${count(up, 'migration')}`
  if (up === 0) return `Reverted ${count(down, 'migration')}`
  return `Reverted ${count(down, 'migration')} and applied ${count(up, 'migration')}`
}

/** What a run did, in pieces: it may have had ten thousand steps. */
export function* renderRun(report: RunReport, style: Style): Generator<string> {
  const { steps, from, to } = report
  if (steps.length === 0) {
    yield lines(renderNothing(to))
    return
  }
  yield* renderSteps(steps, style)
  const way = `${renderState(from)} ${style.symbols.arrow} ${renderState(to)}`
  yield lines(
    `${summary(report)} in ${elapsed(report.durationMs)}: ${way}.`,
    ...(report.notDurableReason === null
      ? []
      : [style.yellow(`Not confirmed on disk: ${report.notDurableReason}`)]),
  )
}
