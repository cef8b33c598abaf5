/** An offset from UTC and its abbreviation. */
interface ZoneName {
  readonly offsetSeconds: number
  readonly zone: string
}

/** What a zone file says. */
export interface ZoneRules {
  /** What held at a time, in seconds since 1970; nothing beyond the last change of a zone that goes on changing. */
  at(seconds: number): ZoneName | undefined
  /** What holds in the years after the last entry: standard time, and summer time if there is one. */
  readonly names: readonly ZoneName[]
}

const malformed = (): Error => new Error('malformed time zone information')

interface Header {
  readonly isUtc: number
  readonly isStandard: number
  readonly leaps: number
  readonly changes: number
  readonly types: number
  readonly characters: number
}

const headerLength = 44

const readHeader = (file: Buffer, at: number): Header => ({
  isUtc: file.readUInt32BE(at + 20),
  isStandard: file.readUInt32BE(at + 24),
  leaps: file.readUInt32BE(at + 28),
  changes: file.readUInt32BE(at + 32),
  types: file.readUInt32BE(at + 36),
  characters: file.readUInt32BE(at + 40),
})

const lengthOf = (header: Header, timeSize: number): number =>
  header.changes * (timeSize + 1) +
  header.types * 6 +
  header.characters +
  header.leaps * (timeSize + 4) +
  header.isStandard +
  header.isUtc

/** Reads a zone file (RFC 8536, version 2 or later). */
export const readTzif = (file: Buffer): ZoneRules => {
  if (file.length < headerLength || file.toString('latin1', 0, 4) !== 'TZif') throw malformed()
  if (file.readUInt8(4) === 0) throw malformed()
  const start = headerLength + lengthOf(readHeader(file, 0), 4)
  const header = readHeader(file, start)
  const times = start + headerLength
  const indexes = times + header.changes * 8
  const types = indexes + header.changes
  const characters = types + header.types * 6
  const footer = file.toString('latin1', start + headerLength + lengthOf(header, 8)).trim()

  const type = (index: number): ZoneName => {
    const at = types + index * 6
    const from = characters + file.readUInt8(at + 5)
    return {
      offsetSeconds: file.readInt32BE(at),
      zone: file.toString('latin1', from, file.indexOf(0, from)),
    }
  }

  const at = (seconds: number): ZoneName | undefined => {
    for (let change = header.changes - 1; change >= 0; change--) {
      if (Number(file.readBigInt64BE(times + change * 8)) > seconds) continue
      const isLast = change === header.changes - 1
      return isLast && footer.includes(',') ? undefined : type(file.readUInt8(indexes + change))
    }
    return header.types > 0 ? type(0) : undefined
  }

  return { at, names: readNames(footer) }
}

const nameAndOffset = /^(<[^>]*>|[A-Za-z]+)([+-]?\d+(?::\d+)*)?/

const readOffset = (text: string): number => {
  const [hours = 0, minutes = 0, seconds = 0] = text.replace(/^[+-]/, '').split(':').map(Number)
  const total = hours * 3600 + minutes * 60 + seconds
  // POSIX counts west of UTC.
  return text.startsWith('-') ? total : -total
}

/** The names in a footer such as `CET-1CEST,M3.5.0,M10.5.0/3`. */
const readNames = (footer: string): readonly ZoneName[] => {
  const standard = nameAndOffset.exec(footer)
  if (standard === null) return []
  const [text, name = '', offset = '0'] = standard
  const offsetSeconds = readOffset(offset)
  const names = [{ offsetSeconds, zone: name.replace(/[<>]/g, '') }]
  const summer = nameAndOffset.exec(footer.slice(text.length))
  if (summer === null) return names
  const [, summerName = '', summerOffset] = summer
  return [
    ...names,
    {
      offsetSeconds: summerOffset === undefined ? offsetSeconds + 3600 : readOffset(summerOffset),
      zone: summerName.replace(/[<>]/g, ''),
    },
  ]
}
