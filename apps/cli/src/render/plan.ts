import type { PlannedStepReport, PlanReport } from '../reports.ts'
import { renderNothing, renderState } from './result.ts'
import type { Style } from './style.ts'
import { columns, count, lines, printable } from './text.ts'

const heading = (step: PlannedStepReport, { bold, red, yellow }: Style): readonly string[] => {
  const paint = { atomic: bold, guarded: yellow, empty: bold, refused: red }[step.kind]
  return [
    step.direction,
    step.version,
    step.file ?? step.title,
    paint(step.kind),
    count(step.statements.length, 'statement'),
  ]
}

const statements = (step: PlannedStepReport, verbose: boolean, { dim }: Style): string[] => {
  if (!verbose) {
    return columns(
      step.statements.map(({ line, command }) => [`      ${dim(`line ${line}`)}`, command]),
    )
  }
  return step.statements.flatMap(({ line, text }) => [
    `      ${dim(`line ${line}`)}`,
    ...printable(text)
      .split('\n')
      .map((row) => `        ${row}`.trimEnd()),
  ])
}

/** What a run would do, step by step. With `verbose` the statements' text. */
export const renderPlan = (
  report: PlanReport,
  style: Style,
  { verbose }: { readonly verbose: boolean },
): string => {
  const { steps, from, to } = report
  if (steps.length === 0) {
    return lines(renderNothing(from))
  }
  const refused = steps.filter(({ kind }) => kind === 'refused').length
  const way = `${renderState(from)} ${style.symbols.arrow} ${renderState(to)}`
  const headings = columns(steps.map((step) => heading(step, style)))
  return lines(
    ...steps.flatMap((step, index) => [
      headings[index] ?? '',
      `    ${style.dim(step.reason)}`,
      ...statements(step, verbose, style),
    ]),
    '',
    refused === 0
      ? `${count(steps.length, 'step')} would run: ${way}. Nothing was changed.`
      : `${count(refused, 'step')} of ${steps.length} would be refused: ${way}. Nothing was changed.`,
  )
}
