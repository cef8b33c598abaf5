import { mkdirSync, mkdtempSync, rmSync, symlinkSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterEach, beforeEach, expect, test } from 'vitest'
import { folderOfUrl, openFileSource, parseFileName } from '../src/file-source.ts'

test.each([
  ['1_foobar.up.sql', 1n, 'foobar', 'up'],
  ['1_foobar.down.sql', 1n, 'foobar', 'down'],
  ['1_f-o_ob+ar.up.sql', 1n, 'f-o_ob+ar', 'up'],
  ['1485385885_foobar.up.sql', 1_485_385_885n, 'foobar', 'up'],
  ['20170412214116_date_foobar.up.sql', 20_170_412_214_116n, 'date_foobar', 'up'],
  ['0_init.up.sql', 0n, 'init', 'up'],
  ['1_.up.sql', 1n, '', 'up'],
  ['1_foo.up.', 1n, 'foo', 'up'],
  ['1_foo.up.sql~', 1n, 'foo', 'up'],
  ['1_a.up.down.sql', 1n, 'a.up', 'down'],
  ['1_a\r\u2028.up.sql', 1n, 'a\r\u2028', 'up'],
  ['18446744073709551615_x.up.sql', 18_446_744_073_709_551_615n, 'x', 'up'],
])('%j is version %d, %j, %s', (name, version, identifier, direction) => {
  expect(parseFileName(name)).toEqual({ version, identifier, direction })
})

test.each([
  '-1_foobar.up.sql', 'foobar.up.sql', '1.up.sql', '1_foobar.sql', '1_foobar.up', '1_foobar.down', '1_foo.UP.sql',
  'V1__x.sql', '18446744073709551616_x.up.sql', '1_a\nb.up.sql',
])('%j is no migration', (name) => {
  expect(parseFileName(name)).toBeUndefined()
}) // prettier-ignore

test.each([
  ['file:///a/b', '/a/b'],
  ['file:///a/./b/../c/', '/a/c'],
  ['file://a/b', `${process.cwd()}/a/b`],
  ['file://./my dir', `${process.cwd()}/my dir`],
  ['file:opaque/x', `${process.cwd()}/opaque/x`],
  ['file://', process.cwd()],
  ['file:///a%20b?x=y#z', '/a b'],
  ['file://Dir', `${process.cwd()}/Dir`],
  ['file://user:pw@a/b', `${process.cwd()}/a/b`],
])('%s is the folder %s', (url, folder) => {
  expect(folderOfUrl(url)).toBe(folder)
})

test.each([
  ['file://my dir/x', 'parse "file://my dir/x": invalid character " " in host name'],
  ['file://a:b', 'parse "file://a:b": invalid port ":b" after host'],
  ['file://C:\\x', 'parse "file://C:\\\\x": invalid port ":\\\\x" after host'],
  ['file:///m%', 'parse "file:///m%": invalid URL escape "%"'],
])('%s is refused: %s', (url, message) => {
  expect(() => folderOfUrl(url)).toThrow(message)
})

let folder: string
beforeEach(() => {
  folder = mkdtempSync(join(tmpdir(), 'mig-source-'))
})
afterEach(() => rmSync(folder, { recursive: true, force: true }))

const write = (...names: string[]): void => {
  for (const name of names) writeFileSync(join(folder, name), name)
}

test('versions in order, with their neighbours', () => {
  write(
    '1_a.up.sql',
    '3_a.up.sql',
    '4_a.up.sql',
    '4_b.down.txt',
    '5_a.down.sql',
    '007_a.up.sql',
    'README',
  )
  mkdirSync(join(folder, '9_a.up.sql'))
  const source = openFileSource(`file://${folder}`)
  expect(source.first()).toBe(1n)
  expect([3n, 4n, 5n, 7n].map((version) => source.prev(version))).toEqual([1n, 3n, 4n, 5n])
  expect([1n, 3n, 4n, 5n].map((version) => source.next(version))).toEqual([3n, 4n, 5n, 7n])
  for (const version of [0n, 1n, 2n, 6n, 8n]) {
    expect(() => source.prev(version)).toThrow(`prev for version ${version} .: file does not exist`)
  }
  expect(() => source.next(7n)).toThrow('next for version 7 .: file does not exist')
  const script = source.open(4n, 'down')
  expect(script.identifier).toBe('b')
  expect(Buffer.from(script.read()).toString()).toBe('4_b.down.txt')
  expect(() => source.open(3n, 'down')).toThrow('read down for version 3 .: file does not exist')
})

test('what cannot be opened', () => {
  expect(() => openFileSource(`file://${folder}/nope`)).toThrow('open .: no such file or directory')
  expect(() => openFileSource(`file://${folder}`).first()).toThrow('first .: file does not exist')
  write('1_a.up.sql', '01_b.up.sql')
  expect(() => openFileSource(`file://${folder}`)).toThrow('duplicate migration file: 1_a.up.sql')
})

test('a link to nowhere is a missing body, a link to a folder a body that cannot be read', () => {
  symlinkSync('/nowhere/at/all', join(folder, '1_a.up.sql'))
  symlinkSync('/', join(folder, '2_a.up.sql'))
  const source = openFileSource(`file://${folder}`)
  expect(() => source.open(1n, 'up')).toThrow('open 1_a.up.sql: no such file or directory')
  expect(() => source.open(2n, 'up').read()).toThrow(`read ${folder}/2_a.up.sql: is a directory`)
})
