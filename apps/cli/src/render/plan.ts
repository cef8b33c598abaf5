import type { PlannedStepReport, PlanReport } from '../reports/reports.ts'
import { renderNothing, renderState } from './result.ts'
import type { Style } from './style.ts'
import { count, field, lines, printable, shown, type Shown } from '@mig/app-kit/terminal'
import { columns } from './columns.ts'

const heading = (step: PlannedStepReport, { bold, red, yellow }: Style): readonly Shown[] => {
  const paint = { transactional: bold, 'non-transactional': yellow, empty: bold, refused: red }[
    step.kind
  ]
  return [
    field(step.direction),
    field(step.version),
    field(step.file ?? step.title),
    paint(field(step.kind)),
    count(step.statements.length, 'statement'),
  ]
}

/** The lines of a text, each of them indented. */
const textRows = (text: string, indent: string): Shown[] =>
  printable(text)
    .split('\n')
    .map((row) => `${indent}${row}`.trimEnd() as Shown)

const statements = (step: PlannedStepReport, verbose: boolean, { dim }: Style): Shown[] => {
  if (!verbose) {
    return columns(
      step.statements.map(({ line, command }) => [
        shown`      ${dim(shown`line ${line}`)}`,
        field(command),
      ]),
    )
  }
  return step.statements.flatMap(({ line, text }) => [
    shown`      ${dim(shown`line ${line}`)}`,
    ...textRows(text ?? '', '        '),
  ])
}

/** What a run would do, step by step. With `verbose` the statements' text. */
export const renderPlan = (
  report: PlanReport,
  style: Style,
  { verbose }: { readonly verbose: boolean },
): Shown => {
  const { steps, from, to } = report
  if (steps.length === 0) {
    return lines(renderNothing(from))
  }
  const refused = steps.filter(({ kind }) => kind === 'refused').length
  const way = shown`${renderState(from)} ${style.symbols.arrow} ${renderState(to)}`
  const headings = columns(steps.map((step) => heading(step, style)))
  return lines(
    ...steps.flatMap((step, index) => [
      headings[index] ?? shown``,
      shown`    ${style.dim(field(step.reason))}`,
      ...statements(step, verbose, style),
    ]),
    shown``,
    refused === 0
      ? shown`${count(steps.length, 'step')} would run: ${way}. Nothing was changed.`
      : shown`${count(refused, 'step')} of ${steps.length} would be refused: ${way}. Nothing was changed.`,
  )
}
