import { expect, test } from 'vitest'
import { timeVersion } from '../src/create.ts'
import { formatGoTime } from '../src/go-time-layout.ts'
import { loadZone, timeIn } from '../src/go-time-zone.ts'

const utc = loadZone('UTC', {})
const christmas = 977_702_462_003_456_789n
const show = (layout: string, zone = utc, at = christmas): string =>
  formatGoTime(timeIn(zone, at), layout)

test.each([
  ['20060102150405', '20001225000102'],
  ['2006-01-02T15:04:05Z07:00', '2000-12-25T00:01:02Z'],
  ['Mon Monday Jan January', 'Mon Monday Dec December'],
  ['Monument Jane', 'Monument Jane'],
  ['2 _2 02 002 __2', '25 25 25 360 360'],
  ['3:4:5 PM pm', '12:1:2 AM am'],
  ['03 06 1 MST', '12 00 12 UTC'],
  ['-0700 -07:00 -07 -070000 Z0700', '+0000 +00:00 +00 +000000 Z'],
  ['05.000 05.999999999 05,00 05.9 .0', '02.003 02.003456789 02,00 02 .0'],
  ['_2006', '_2000'],
  ['v1.0', 'v12.0'],
  ['literal', 'literal'],
])('layout %j shows %j', (layout, text) => {
  expect(show(layout)).toBe(text)
})

test('a fraction is one only where no digit follows', () => {
  expect(show('.00006')).toBe('.000' + '00')
})

test('zones have their offset and their abbreviation', () => {
  const berlin = loadZone('Europe/Berlin', {})
  expect(show('15 MST -0700', berlin)).toBe('01 CET +0100')
  expect(show('15 MST -07:00', berlin, 4_120_000_000_000_000_000n)).toMatch(/ CES?T \+0[12]:00$/)
  expect(show('MST Z07:00', loadZone('Asia/Kolkata', {}))).toBe('IST +05:30')
  expect(show('MST', loadZone('America/Sao_Paulo', {}), 1_790_000_000_000_000_000n)).toBe('-03')
})

test.each([
  ['Mars/Base', 'unknown time zone Mars/Base'],
  ['../etc', 'time: invalid location name'],
  ['/etc/localtime', 'time: invalid location name'],
])('zone %j is refused', (name, message) => {
  expect(() => loadZone(name, {})).toThrow(message)
})

test('versions of the specification', () => {
  expect(timeVersion(utc, christmas, 'unix')).toBe('977702462')
  expect(timeVersion(utc, christmas, 'unixNano')).toBe('977702462003456789')
  expect(timeVersion(utc, christmas, '20060102150405')).toBe('20001225000102')
  expect(() => timeVersion(utc, christmas, '')).toThrow('time format may not be empty')
})
