import type { AppliedReport, StatusEntryReport, StatusReport } from '../reports/reports.ts'
import { renderState } from './result.ts'
import type { Style } from './style.ts'
import { count, elapsed, field, join, lines, shown, type Shown } from '@mig/app-kit/terminal'
import { columns } from './columns.ts'

const hows = { run: shown``, elsewhere: shown`applied elsewhere`, set: shown`set by hand` } as const

const wordOf = (entry: StatusEntryReport): Shown => {
  if (entry.dirty) return shown`dirty`
  if (entry.missing) return shown`file missing`
  if (entry.changed) return shown`changed`
  return entry.status === 'out-of-order' ? shown`out of order` : field(entry.status)
}

const appliedCells = (applied: AppliedReport | null): readonly Shown[] => {
  if (applied === null) return [shown``, shown``, shown``]
  const { at, durationMs, actor, how } = applied
  const when = field(at.slice(0, 19).replace('T', ' '))
  return [
    when,
    durationMs === null ? shown`` : elapsed(durationMs),
    how === 'run' ? field(actor) : hows[how],
  ]
}

const cells = (
  entry: StatusEntryReport,
  { red, green, dim, bold, symbols }: Style,
): readonly Shown[] => {
  const bad = entry.dirty || entry.missing || entry.changed || entry.status === 'out-of-order'
  const paint = bad ? red : entry.status === 'applied' ? green : dim
  const symbol = bad ? symbols.bad : entry.status === 'applied' ? symbols.done : symbols.pending
  const note = entry.missing
    ? shown``
    : entry.up === null
      ? dim(shown` (no up file)`)
      : entry.irreversible
        ? dim(shown` (irreversible: no down file)`)
        : shown``
  const applied = appliedCells(entry.applied)
  return [
    entry.current ? bold(symbols.arrow) : shown` `,
    paint(symbol),
    field(entry.version),
    paint(wordOf(entry)),
    shown`${field(entry.title)}${note}`,
    ...applied.map(dim),
  ]
}

/** Where the database stands, and the next sensible command. */
const summary = (report: StatusReport): Shown => {
  const { state, migrations, pending, outOfOrder, changed, missing } = report
  const at =
    state.version === null && !state.dirty
      ? shown`Nothing applied`
      : shown`At version ${renderState(state)}`
  if (state.dirty) {
    return shown`${at}: a migration started and did not finish. Run "mig doctor" to see what it left.`
  }
  if (migrations.some((entry) => entry.missing && entry.current)) {
    return shown`${at}, and no file has that version. Deploy the missing files, or check --path.`
  }
  if (migrations.length === 0)
    return shown`${at}, and there is no migration. Run "mig create NAME".`
  const findings = [
    ...(changed > 0 ? [shown`${count(changed, 'file')} changed after being applied`] : []),
    ...(outOfOrder > 0 ? [shown`${outOfOrder} out of order`] : []),
    ...(missing > 0 ? [shown`${count(missing, 'file')} missing`] : []),
  ]
  if (findings.length > 0) {
    return shown`${at}, ${pending} pending; ${join(findings, ', ')}. Run "mig verify" for the details.`
  }
  if (pending === 0) return shown`${at}, nothing pending.`
  return shown`${at}, ${pending} pending. Run "mig up" to apply ${pending === 1 ? shown`it` : shown`them`}.`
}

/** Every version with its status, then where the database stands and what to do next. */
export const renderStatus = (report: StatusReport, style: Style): Shown => {
  const { migrations, nearMisses } = report
  const rows = columns(migrations.map((entry) => cells(entry, style)))
  return lines(
    ...(rows.length === 0 ? [] : [join(rows, '\n'), shown``]),
    ...(nearMisses.length === 0
      ? []
      : [
          shown`${count(nearMisses.length, 'file')} not taken for a migration: ${join(nearMisses.map(field), ', ')}`,
        ]),
    summary(report),
  )
}
