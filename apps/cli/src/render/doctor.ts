import type { DoctorReport, FindingReport, RepairReport } from '../doctor-report.ts'
import { renderState } from './result.ts'
import type { Style } from './style.ts'
import { count, lines, printable } from './text.ts'

const mark = ({ severity }: FindingReport, { red, yellow, dim, symbols }: Style): string => {
  switch (severity) {
    case 'error':
      return red(symbols.bad)
    case 'warning':
      return yellow('!')
    case 'info':
      return dim(symbols.dot)
  }
}

const renderFinding = (finding: FindingReport, style: Style): readonly string[] => {
  const { title, why, details, command } = finding
  const { bold, dim } = style
  return [
    `${mark(finding, style)} ${bold(printable(title))}`,
    ...details.map((line) => `  ${printable(line)}`),
    `  ${dim(`why  ${printable(why)}`)}`,
    ...(command === null ? [] : [`  ${bold('next')} ${printable(command)}`]),
    '',
  ]
}

const summary = ({ state, healthy, findings }: DoctorReport, { green, symbols }: Style): string => {
  const at =
    state.version === null && !state.dirty ? 'Nothing applied' : `At version ${renderState(state)}`
  if (healthy) return `${green(symbols.done)} ${at}. Nothing is wrong.`
  const wrong = findings.filter(({ severity }) => severity !== 'info').length
  return `${at}. ${count(wrong, 'finding')}.`
}

/** What was found, the most serious first: what it is, why it matters, and the next command. */
export const renderDoctor = (report: DoctorReport, style: Style): string =>
  lines(
    ...report.findings.flatMap((finding) => renderFinding(finding, style)),
    summary(report, style),
  )

const repaired = (report: RepairReport): string => {
  const { action, direction, version, ran, to } = report
  const step = `${direction ?? ''} ${version ?? ''}`
  const at = `The database is at version ${renderState(to)}.`
  switch (action) {
    case 'none':
      return 'The database is not dirty: nothing to repair.'
    case 'resume':
      return ran === 0
        ? `Finished ${step}: all of it was in effect. ${at}`
        : `Finished ${step}: ${count(ran, 'statement')} ran. ${at}`
    case 'rolled-back':
      return `Put on record that nothing of ${step} is in effect. ${at}`
    case 'applied':
      return `Put on record that all of ${step} is in effect. ${at}`
  }
}

/** What a repair did. */
export const renderRepair = (report: RepairReport): string =>
  lines(
    ...report.droppedIndexes.map((name) => `Removed the INVALID index ${name}.`),
    ...(report.action === 'none' && report.droppedIndexes.length > 0 ? [] : [repaired(report)]),
  )
