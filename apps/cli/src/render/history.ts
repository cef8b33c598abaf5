import type { EventReport, HistoryReport } from '../history-report.ts'
import type { Style } from './style.ts'
import { columns, elapsed, lines, printable } from './text.ts'

const bad = new Set<EventReport['kind']>(['failed'])

/** What an event did, in a few words. */
const subject = (event: EventReport): string => {
  const { version, direction, title, statement, statements } = event
  const what = [direction ?? '', version ?? '', title].filter((part) => part !== '').join(' ')
  return statement === null ? what : `${what}, statement ${statement} of ${statements ?? '?'}`
}

const move = ({ from, to, dirty }: EventReport, arrow: string): string =>
  `${from ?? 'none'} ${arrow} ${to ?? 'none'}${dirty ? ' (dirty)' : ''}`

const remark = ({ kind, message, errorCode, line }: EventReport): string => {
  if (message === null) return ''
  if (kind !== 'failed') return message
  return `${line === null ? '' : `line ${line}: `}${message}${errorCode === null ? '' : ` (${errorCode})`}`
}

/** Every event in a line of its own, the oldest first. */
export const renderHistory = ({ events }: HistoryReport, style: Style): string => {
  if (events.length === 0) return lines('There is no ledger that can be read, or nothing in it.')
  const { red, dim, symbols } = style
  return lines(
    columns(
      events.map((event) => [
        dim(event.at.slice(0, 19).replace('T', ' ')),
        bad.has(event.kind) ? red(event.kind) : event.kind,
        subject(event),
        move(event, symbols.arrow),
        event.durationMs === null ? '' : elapsed(event.durationMs),
        dim(event.actor),
        printable(remark(event)),
      ]),
    ).join('\n'),
  )
}
