/** A point in time on somebody's clock: what a layout can show. */
export interface GoTime {
  readonly year: number
  /** From 1. */
  readonly month: number
  readonly day: number
  readonly hour: number
  readonly minute: number
  readonly second: number
  readonly nanosecond: number
  /** From Sunday, which is 0. */
  readonly weekday: number
  readonly yearDay: number
  /** East of UTC. */
  readonly offsetSeconds: number
  /** Such as `CET`, or empty. */
  readonly zone: string
}

const months =
  'January February March April May June July August September October November December'.split(' ')
const weekdays = 'Sunday Monday Tuesday Wednesday Thursday Friday Saturday'.split(' ')

const pad = (value: number, width: number, filler = '0'): string =>
  String(value).padStart(width, filler)

const twelve = (hour: number): number => (hour % 12 === 0 ? 12 : hour % 12)

const offset = (seconds: number, separator: string, withSeconds: boolean): string => {
  const total = Math.abs(seconds)
  const parts = [Math.floor(total / 3600), Math.floor(total / 60) % 60]
  if (withSeconds) parts.push(total % 60)
  return `${seconds < 0 ? '-' : '+'}${parts.map((part) => pad(part, 2)).join(separator)}`
}

const zoneName = ({ zone, offsetSeconds }: GoTime): string => {
  if (zone !== '') return zone
  const text = offset(offsetSeconds, '', false)
  return text.endsWith('00') ? text.slice(0, 3) : text
}

const zulu =
  (format: (time: GoTime) => string) =>
  (time: GoTime): string =>
    time.offsetSeconds === 0 ? 'Z' : format(time)

const hoursOnly = ({ offsetSeconds }: GoTime): string =>
  offset(offsetSeconds, '', false).slice(0, 3)

type Format = (time: GoTime) => string

const zones: readonly (readonly [string, Format])[] = [
  ['070000', ({ offsetSeconds }) => offset(offsetSeconds, '', true)],
  ['07:00:00', ({ offsetSeconds }) => offset(offsetSeconds, ':', true)],
  ['0700', ({ offsetSeconds }) => offset(offsetSeconds, '', false)],
  ['07:00', ({ offsetSeconds }) => offset(offsetSeconds, ':', false)],
  ['07', hoursOnly],
]

/** The parts of a layout. Where several fit, the first one counts. */
const tokens: readonly (readonly [string, Format])[] = [
  ['January', ({ month }) => months[month - 1] ?? ''],
  ['Jan', ({ month }) => (months[month - 1] ?? '').slice(0, 3)],
  ['Monday', ({ weekday }) => weekdays[weekday] ?? ''],
  ['Mon', ({ weekday }) => (weekdays[weekday] ?? '').slice(0, 3)],
  ['MST', zoneName],
  ['002', ({ yearDay }) => pad(yearDay, 3)],
  ['01', ({ month }) => pad(month, 2)],
  ['02', ({ day }) => pad(day, 2)],
  ['03', ({ hour }) => pad(twelve(hour), 2)],
  ['04', ({ minute }) => pad(minute, 2)],
  ['05', ({ second }) => pad(second, 2)],
  ['06', ({ year }) => pad(year % 100, 2)],
  ['15', ({ hour }) => pad(hour, 2)],
  ['1', ({ month }) => String(month)],
  ['2006', ({ year }) => pad(year, 4)],
  ['2', ({ day }) => String(day)],
  ['__2', ({ yearDay }) => pad(yearDay, 3, ' ')],
  ['_2006', ({ year }) => `_${pad(year, 4)}`],
  ['_2', ({ day }) => pad(day, 2, ' ')],
  ['3', ({ hour }) => String(twelve(hour))],
  ['4', ({ minute }) => String(minute)],
  ['5', ({ second }) => String(second)],
  ['PM', ({ hour }) => (hour >= 12 ? 'PM' : 'AM')],
  ['pm', ({ hour }) => (hour >= 12 ? 'pm' : 'am')],
  ...zones.map(([text, format]) => [`-${text}`, format] as const),
  ...zones.map(([text, format]) => [`Z${text}`, zulu(format)] as const),
]

const fraction = /^[.,](?:0+|9+)(?![0-9])/

const formatFraction = (token: string, { nanosecond }: GoTime): string => {
  const digits = pad(nanosecond, 9).slice(0, token.length - 1)
  if (token.charAt(1) === '0') return `${token.charAt(0)}${digits}`
  const trimmed = digits.replace(/0+$/, '')
  return trimmed === '' ? '' : `${token.charAt(0)}${trimmed}`
}

/** A short name of a month or a day followed by a lower-case letter is not a name: `Monument`. */
const isNamePart = (token: string, rest: string): boolean =>
  (token === 'Jan' || token === 'Mon') && /^[a-z]/.test(rest.slice(3))

/** A time in one of Go's layouts, which spell out the second of January 2006, 15:04:05. */
export const formatGoTime = (time: GoTime, layout: string): string => {
  let text = ''
  let rest = layout
  while (rest !== '') {
    const dot = fraction.exec(rest)?.[0]
    const [token, format] =
      tokens.find(([candidate]) => rest.startsWith(candidate) && !isNamePart(candidate, rest)) ?? []
    if (dot !== undefined) {
      text += formatFraction(dot, time)
      rest = rest.slice(dot.length)
    } else if (token !== undefined && format !== undefined) {
      text += format(time)
      rest = rest.slice(token.length)
    } else {
      text += rest.charAt(0)
      rest = rest.slice(1)
    }
  }
  return text
}
