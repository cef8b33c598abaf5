import type { DoctorReport, FindingReport, RepairReport } from '../reports/doctor-report.ts'
import { renderState } from './result.ts'
import type { Style } from './style.ts'
import { count, field, lines, printable, shown, type Shown } from '@mig/app-kit/terminal'

const mark = ({ severity }: FindingReport, { red, yellow, dim, symbols }: Style): Shown => {
  switch (severity) {
    case 'error':
      return red(symbols.bad)
    case 'warning':
      return yellow(shown`!`)
    case 'info':
      return dim(symbols.dot)
  }
}

const renderFinding = (finding: FindingReport, style: Style): readonly Shown[] => {
  const { title, why, details, command } = finding
  const { bold, dim } = style
  return [
    shown`${mark(finding, style)} ${bold(field(title))}`,
    ...details.map((line) => shown`  ${printable(line, '    ')}`),
    shown`  ${dim(shown`why  ${field(why)}`)}`,
    ...(command === null ? [] : [shown`  ${bold(shown`next`)} ${field(command)}`]),
    shown``,
  ]
}

const summary = ({ state, healthy, findings }: DoctorReport, { green, symbols }: Style): Shown => {
  const at =
    state.version === null && !state.dirty
      ? shown`Nothing applied`
      : shown`At version ${renderState(state)}`
  if (healthy) return shown`${green(symbols.done)} ${at}. Nothing is wrong.`
  const wrong = findings.filter(({ severity }) => severity !== 'info').length
  return shown`${at}. ${count(wrong, 'finding')}.`
}

/** What was found, the most serious first: what it is, why it matters, and the next command. */
export const renderDoctor = (report: DoctorReport, style: Style): Shown =>
  lines(
    ...report.findings.flatMap((finding) => renderFinding(finding, style)),
    summary(report, style),
  )

const repaired = (report: RepairReport): Shown => {
  const { action, direction, version, ran, to } = report
  const step = field(`${direction ?? ''} ${version ?? ''}`)
  const at = shown`The database is at version ${renderState(to)}.`
  switch (action) {
    case 'none':
      return shown`The database is not dirty: nothing to repair.`
    case 'resume':
      return ran === 0
        ? shown`Finished ${step}: all of it was in effect. ${at}`
        : shown`Finished ${step}: ${count(ran, 'statement')} ran. ${at}`
    case 'rolled-back':
      return shown`Put on record that nothing of ${step} is in effect. ${at}`
    case 'applied':
      return shown`Put on record that all of ${step} is in effect. ${at}`
  }
}

/** What a repair did. */
export const renderRepair = (report: RepairReport): Shown =>
  lines(
    ...report.droppedIndexes.map((name) => shown`Removed the INVALID index ${field(name)}.`),
    ...(report.action === 'none' && report.droppedIndexes.length > 0 ? [] : [repaired(report)]),
  )
