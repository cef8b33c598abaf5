import { goQuote } from './go-strconv.ts'

const units: Readonly<Record<string, number>> = {
  ns: 1e-6,
  us: 1e-3,
  µs: 1e-3,
  μs: 1e-3,
  ms: 1,
  s: 1000,
  m: 60_000,
  h: 3_600_000,
}

/** Reads a duration as Go's `time.ParseDuration` does, as milliseconds. */
export const goParseDuration = (text: string): number => {
  const fail = (what: string): Error => new Error(`time: ${what} duration ${goQuote(text)}`)
  const [, sign = '', value = ''] = /^([+-]?)(.*)$/s.exec(text) ?? []
  if (value === '0') return 0
  if (value === '') throw fail('invalid')
  let total = 0
  for (let rest = value; rest !== '';) {
    const [piece = '', number = '', unit = ''] = /^(\d+\.?\d*|\.\d+)([^\d.]*)/.exec(rest) ?? []
    if (piece === '') throw fail('invalid')
    if (unit === '') throw fail('missing unit in')
    const factor = units[unit]
    if (factor === undefined) throw fail(`unknown unit ${goQuote(unit)} in`)
    total += Number(number) * factor
    rest = rest.slice(piece.length)
  }
  return sign === '-' ? -total : total
}
