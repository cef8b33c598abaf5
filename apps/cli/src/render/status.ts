import type { StatusEntryReport, StatusReport } from '../reports.ts'
import { renderState } from './result.ts'
import type { Style } from './style.ts'
import { columns, count, lines } from './text.ts'

const wordOf = (entry: StatusEntryReport): string =>
  entry.dirty ? 'dirty' : entry.missing ? 'file missing' : entry.status

const cells = (
  entry: StatusEntryReport,
  marker: string | null,
  { red, green, dim, bold, symbols }: Style,
): readonly string[] => {
  const isMarker = entry.version === marker
  const bad = entry.dirty || entry.missing
  const paint = bad ? red : entry.status === 'applied' ? green : dim
  const symbol = bad ? symbols.bad : entry.status === 'applied' ? symbols.done : symbols.pending
  const notes = [
    !entry.missing && entry.up === null ? 'no up file' : '',
    !entry.missing && entry.down === null ? 'no down file' : '',
  ].filter((note) => note !== '')
  return [
    isMarker ? bold(symbols.arrow) : ' ',
    paint(symbol),
    entry.version,
    paint(wordOf(entry)),
    `${entry.title}${notes.length === 0 ? '' : ` ${dim(`(${notes.join(', ')})`)}`}`,
  ]
}

const summary = ({ state, migrations, pending }: StatusReport): string => {
  const at =
    state.version === null && !state.dirty ? 'Nothing applied' : `At version ${renderState(state)}`
  if (state.dirty) {
    return `${at}: a migration started and did not finish. Find out what it left behind, mend it, then run "mig force VERSION".`
  }
  if (migrations.some(({ missing }) => missing)) {
    return `${at}, and no file has that version. Deploy the missing files, or check --path.`
  }
  if (migrations.length === 0) return `${at}, and there is no migration. Run "mig create NAME".`
  if (pending === 0) return `${at}, nothing pending.`
  return `${at}, ${pending} pending. Run "mig up" to apply ${pending === 1 ? 'it' : 'them'}.`
}

/** Every version with its status, then where the database stands and what to do next. */
export const renderStatus = (report: StatusReport, style: Style): string => {
  const { migrations, state, nearMisses } = report
  const rows = columns(migrations.map((entry) => cells(entry, state.version, style)))
  return lines(
    ...rows,
    ...(rows.length === 0 ? [] : ['']),
    ...(nearMisses.length === 0
      ? []
      : [`${count(nearMisses.length, 'file')} not taken for a migration: ${nearMisses.join(', ')}`]),
    summary(report),
  )
}
