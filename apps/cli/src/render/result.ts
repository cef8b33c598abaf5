import type { RunReport, StateReport, StepReport } from '../reports/reports.ts'
import type { Style } from './style.ts'
import { count, elapsed, field, lines, shown, type Shown } from '@mig/app-kit/terminal'
import { columnWidths, inColumns } from './columns.ts'

/** A state as people read it: `3`, `3 (dirty)`, `none`. */
export const renderState = ({ version, dirty }: StateReport): Shown =>
  shown`${field(version ?? 'none')}${dirty ? shown` (dirty)` : shown``}`

/** What is said where there is nothing to do. */
export const renderNothing = (state: StateReport): Shown =>
  state.version === null
    ? shown`Nothing to do: nothing is applied.`
    : shown`Nothing to do: the database is at version ${renderState(state)}.`

const noFile = ({ title }: StepReport, dim: Style['dim']): Shown => {
  const note = dim(shown`(no file, nothing ran)`)
  return title === '' ? note : shown`${field(title)} ${note}`
}

const stepCells = (step: StepReport, { green, dim, symbols }: Style): readonly Shown[] => [
  shown`  ${green(symbols.done)}`,
  field(step.direction),
  field(step.version),
  step.file === null ? noFile(step, dim) : field(step.file),
  dim(elapsed(step.durationMs)),
]

const linesPerPiece = 200

function* cellsOf(steps: readonly StepReport[], style: Style): Generator<readonly Shown[]> {
  for (const step of steps) yield stepCells(step, style)
}

/** The steps of a run, one line each. */
function* renderSteps(steps: readonly StepReport[], style: Style): Generator<Shown> {
  const widths = columnWidths(cellsOf(steps, style))
  for (let start = 0; start < steps.length; start += linesPerPiece) {
    const piece = steps.slice(start, start + linesPerPiece)
    yield lines(...piece.map((step) => inColumns(stepCells(step, style), widths)))
  }
}

const summary = ({ steps }: RunReport): Shown => {
  const up = steps.filter(({ direction }) => direction === 'up').length
  const down = steps.length - up
  if (down === 0) return shown`Applied ${count(up, 'migration')}`
  if (up === 0) return shown`Reverted ${count(down, 'migration')}`
  return shown`Reverted ${count(down, 'migration')} and applied ${count(up, 'migration')}`
}

/** What a run did, in pieces: it may have had ten thousand steps. */
export function* renderRun(report: RunReport, style: Style): Generator<Shown> {
  const { steps, from, to } = report
  if (steps.length === 0) {
    yield lines(renderNothing(to))
    return
  }
  yield* renderSteps(steps, style)
  const way = shown`${renderState(from)} ${style.symbols.arrow} ${renderState(to)}`
  yield lines(
    shown`${summary(report)} in ${elapsed(report.durationMs)}: ${way}.`,
    ...(report.notDurableReason === null
      ? []
      : [style.yellow(shown`Not confirmed on disk: ${field(report.notDurableReason)}`)]),
  )
}
