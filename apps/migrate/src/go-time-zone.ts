import { readFileSync } from 'node:fs'
import { join } from 'node:path'
import { systemCode, toError } from '@mig/golang-migrate'
import type { GoTime } from './go-time-layout.ts'
import { readTzif, type ZoneRules } from './tzif.ts'

const folders = [
  '/usr/share/zoneinfo/',
  '/usr/share/lib/zoneinfo/',
  '/usr/lib/locale/TZ/',
  '/etc/zoneinfo/',
]

/** A zone: the offset from UTC and the abbreviation at a point in time. */
export interface GoZone {
  at(milliseconds: number): { readonly offsetSeconds: number; readonly zone: string }
}

const utc: GoZone = { at: () => ({ offsetSeconds: 0, zone: 'UTC' }) }

/** Finds a zone as Go's `time.LoadLocation` does. Throws in Go's words. */
export const loadZone = (
  name: string,
  environment: Readonly<Record<string, string | undefined>>,
): GoZone => {
  if (name === '' || name === 'UTC') return utc
  if (name === 'Local') return localZone(environment)
  if (name.split(/[/\\]/).includes('..') || /^[/\\]/.test(name)) {
    throw new Error('time: invalid location name')
  }
  return fromRules(readRules(name, environment), intlOffset(name))
}

const readRules = (
  name: string,
  environment: Readonly<Record<string, string | undefined>>,
): ZoneRules | undefined => {
  const places = [environment['ZONEINFO'] ?? '', ...folders].filter((folder) => folder !== '')
  let missing = true
  for (const folder of places) {
    try {
      const file = readFileSync(join(folder, name))
      missing = false
      return readTzif(file)
    } catch (error) {
      if (systemCode(error) !== 'ENOENT' && !missing) throw toError(error)
      if (systemCode(error) === 'EISDIR') throw new Error('is a directory', { cause: error })
    }
  }
  // A machine without zone files: Node brings its own.
  if (folders.some(exists) || !isIntlZone(name)) throw new Error(`unknown time zone ${name}`)
  return undefined
}

const exists = (folder: string): boolean => {
  try {
    return readFileSync(join(folder, 'UTC')).length > 0
  } catch {
    return false
  }
}

const isIntlZone = (name: string): boolean => {
  try {
    new Intl.DateTimeFormat('en-US', { timeZone: name }).format()
    return true
  } catch {
    return false
  }
}

type Offset = (milliseconds: number) => number

const intlOffset =
  (name: string): Offset =>
  (milliseconds) => {
    const parts = new Intl.DateTimeFormat('en-US', {
      timeZone: name,
      timeZoneName: 'longOffset',
    }).formatToParts(milliseconds)
    const text = parts.find(({ type }) => type === 'timeZoneName')?.value ?? ''
    const [, sign, hours = '0', minutes = '0', seconds = '0'] =
      /GMT([+-])(\d+):?(\d+)?:?(\d+)?/.exec(text) ?? []
    const total = Number(hours) * 3600 + Number(minutes) * 60 + Number(seconds)
    return sign === '-' ? -total : total
  }

const localOffset: Offset = (milliseconds) => -new Date(milliseconds).getTimezoneOffset() * 60

/** Files give the past, and the names for the years beyond their last entry; the offset there is Node's to say. */
const fromRules = (rules: ZoneRules | undefined, offsetAt: Offset): GoZone => ({
  at: (milliseconds) => {
    const recorded = rules?.at(milliseconds / 1000)
    if (recorded !== undefined) return recorded
    const offsetSeconds = offsetAt(milliseconds)
    const zone = rules?.names.find((name) => name.offsetSeconds === offsetSeconds)?.zone ?? ''
    return { offsetSeconds, zone }
  },
})

const localZone = (environment: Readonly<Record<string, string | undefined>>): GoZone => {
  const { TZ: variable } = environment
  if (variable === '') return utc
  const name = variable?.replace(/^:/, '')
  try {
    if (name === undefined || name.startsWith('/')) {
      return fromRules(readTzif(readFileSync(name ?? '/etc/localtime')), localOffset)
    }
    return loadZone(name, environment)
  } catch {
    return name === undefined ? fromRules(undefined, localOffset) : utc
  }
}

/** What clock and calendar show at a point in time, given in nanoseconds since 1970. */
export const timeIn = (zone: GoZone, nanoseconds: bigint): GoTime => {
  const milliseconds = Number(nanoseconds / 1_000_000n)
  const { offsetSeconds, zone: name } = zone.at(milliseconds)
  const shown = new Date(milliseconds + offsetSeconds * 1000)
  const startOfYear = Date.UTC(shown.getUTCFullYear(), 0, 1)
  return {
    year: shown.getUTCFullYear(),
    month: shown.getUTCMonth() + 1,
    day: shown.getUTCDate(),
    hour: shown.getUTCHours(),
    minute: shown.getUTCMinutes(),
    second: shown.getUTCSeconds(),
    nanosecond: Number(nanoseconds % 1_000_000_000n),
    weekday: shown.getUTCDay(),
    yearDay: Math.floor((shown.getTime() - startOfYear) / 86_400_000) + 1,
    offsetSeconds,
    zone: name,
  }
}
