import type { EventReport, HistoryReport } from '../reports/history-report.ts'
import type { Style } from './style.ts'
import { elapsed, field, join, lines, shown, type Shown } from '@mig/app-kit/terminal'
import { columns } from './columns.ts'

const bad = new Set<EventReport['kind']>(['failed'])

/** What an event did, in a few words. */
const subject = (event: EventReport): string => {
  const { kind, version, direction, title, statement, statements, message } = event
  const what = [direction ?? '', version ?? '', title].filter((part) => part !== '').join(' ')
  // The remark on a failure names the statement.
  return statement === null || (kind === 'failed' && message !== null)
    ? what
    : `${what}, statement ${statement} of ${statements ?? '?'}`
}

const move = ({ from, to, dirty }: EventReport, arrow: Shown): Shown =>
  shown`${field(from ?? 'none')} ${arrow} ${field(to ?? 'none')}${dirty ? shown` (dirty)` : shown``}`

const remark = ({ message }: EventReport): string => message ?? ''

/** Every event in a line of its own, the oldest first. */
export const renderHistory = ({ events }: HistoryReport, style: Style): Shown => {
  if (events.length === 0)
    return lines(shown`There is no ledger that can be read, or nothing in it.`)
  const { red, dim, symbols } = style
  return lines(
    join(
      columns(
        events.map((event) => [
          dim(field(event.at.slice(0, 19).replace('T', ' '))),
          bad.has(event.kind) ? red(field(event.kind)) : field(event.kind),
          field(subject(event)),
          move(event, symbols.arrow),
          event.durationMs === null ? shown`` : elapsed(event.durationMs),
          dim(field(event.actor)),
          field(remark(event)),
        ]),
      ),
      '\n',
    ),
  )
}
