import type { AppliedReport, StatusEntryReport, StatusReport } from '../reports.ts'
import { renderState } from './result.ts'
import type { Style } from './style.ts'
import { columns, count, elapsed, lines } from './text.ts'

const hows = { run: '', elsewhere: 'applied elsewhere', set: 'set by hand' } as const

const wordOf = (entry: StatusEntryReport): string => {
  if (entry.dirty) return 'dirty'
  if (entry.missing) return 'file missing'
  if (entry.changed) return 'changed'
  return entry.status === 'out-of-order' ? 'out of order' : entry.status
}

const appliedCells = (applied: AppliedReport | null): readonly string[] => {
  if (applied === null) return ['', '', '']
  const { at, durationMs, actor, how } = applied
  const when = at.slice(0, 19).replace('T', ' ')
  return [when, durationMs === null ? '' : elapsed(durationMs), how === 'run' ? actor : hows[how]]
}

const cells = (
  entry: StatusEntryReport,
  { red, green, dim, bold, symbols }: Style,
): readonly string[] => {
  const bad = entry.dirty || entry.missing || entry.changed || entry.status === 'out-of-order'
  const paint = bad ? red : entry.status === 'applied' ? green : dim
  const symbol = bad ? symbols.bad : entry.status === 'applied' ? symbols.done : symbols.pending
  const note = entry.missing
    ? ''
    : entry.up === null
      ? dim(' (no up file)')
      : entry.irreversible
        ? dim(' (irreversible: no down file)')
        : ''
  const applied = appliedCells(entry.applied)
  return [
    entry.current ? bold(symbols.arrow) : ' ',
    paint(symbol),
    entry.version,
    paint(wordOf(entry)),
    entry.title + note,
    ...applied.map(dim),
  ]
}

/** Where the database stands, and the next sensible command. */
const summary = (report: StatusReport): string => {
  const { state, migrations, pending, outOfOrder, changed, missing } = report
  const at =
    state.version === null && !state.dirty ? 'Nothing applied' : `At version ${renderState(state)}`
  if (state.dirty) {
    return `${at}: a migration started and did not finish. Run "mig doctor" to see what it left behind.`
  }
  if (migrations.some((entry) => entry.missing && entry.current)) {
    return `${at}, and no file has that version. Deploy the missing files, or check --path.`
  }
  if (migrations.length === 0) return `${at}, and there is no migration. Run "mig create NAME".`
  const findings = [
    ...(changed > 0 ? [`${count(changed, 'file')} changed after being applied`] : []),
    ...(outOfOrder > 0 ? [`${outOfOrder} out of order`] : []),
    ...(missing > 0 ? [`${count(missing, 'file')} missing`] : []),
  ]
  if (findings.length > 0) {
    return `${at}, ${pending} pending; ${findings.join(', ')}. Run "mig verify" for the details.`
  }
  if (pending === 0) return `${at}, nothing pending.`
  return `${at}, ${pending} pending. Run "mig up" to apply ${pending === 1 ? 'it' : 'them'}.`
}

/** Every version with its status, then where the database stands and what to do next. */
export const renderStatus = (report: StatusReport, style: Style): string => {
  const { migrations, nearMisses } = report
  const rows = columns(migrations.map((entry) => cells(entry, style)))
  return lines(
    ...(rows.length === 0 ? [] : [rows.join('\n'), '']),
    ...(nearMisses.length === 0
      ? []
      : [
          `${count(nearMisses.length, 'file')} not taken for a migration: ${nearMisses.join(', ')}`,
        ]),
    summary(report),
  )
}
