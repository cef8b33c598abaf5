import { mkdirSync, mkdtempSync, readdirSync, rmSync, statSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterEach, beforeEach, describe, expect, test } from 'vitest'
import { createMigration, nextSequence, type CreateOptions } from '../src/create.ts'
import { goGlob } from '../src/go-glob.ts'
import { loadZone } from '../src/go-time-zone.ts'

describe('the next sequence number', () => {
  test.each([
    [[], 1n, '1'],
    [[], 6n, '000001'],
    [['3_test', '4_test'], 1n, '5'],
    [['000004_test'], 6n, '000005'],
    [['dir/a/000004_test'], 6n, '000005'],
    [['./4_test'], 2n, '05'],
    [['../4_test'], 2n, '05'],
    [['/abs/4_test'], 2n, '05'],
  ])('after %j with %d digits is %s', (files, digits, version) => {
    expect(nextSequence(files, digits)).toBe(version)
  })

  test.each([
    [[], 0n, 'digits must be positive'],
    [['x'], -1n, 'digits must be positive'],
    [['bad'], 6n, 'malformed migration filename: bad'],
    [['dir/bad'], 6n, 'malformed migration filename: dir/bad'],
    [['_bad'], 6n, 'malformed migration filename: _bad'],
    [['bad_bad'], 6n, 'strconv.ParseUint: parsing "bad": invalid syntax'],
    [['-5_test'], 6n, 'strconv.ParseUint: parsing "-5": invalid syntax'],
    [['9_test'], 1n, 'next sequence number 10 too large, at most 1 digits are allowed'],
    [['999999_test'], 6n, 'next sequence number 1000000 too large, at most 6 digits are allowed'],
  ])('after %j with %d digits fails: %s', (files, digits, message) => {
    expect(() => nextSequence(files, digits)).toThrow(message)
  })
})

describe('the files', () => {
  let folder: string
  beforeEach(() => {
    folder = mkdtempSync(join(tmpdir(), 'mig-create-'))
  })
  afterEach(() => rmSync(folder, { recursive: true, force: true }))

  const create = (options: Partial<CreateOptions>): readonly string[] => {
    const paths: string[] = []
    createMigration(
      {
        dir: folder,
        ext: 'sql',
        name: 'name',
        format: '20060102150405',
        seq: false,
        digits: 6n,
        zone: loadZone('UTC', {}),
        startedAt: 977_702_462_003_456_789n,
        ...options,
      },
      (path) => paths.push(path),
    )
    return paths
  }

  test('are empty, with their paths told in order', () => {
    const paths = create({})
    expect(paths).toEqual(
      ['up', 'down'].map((way) => join(folder, `20001225000102_name.${way}.sql`)),
    )
    expect(paths.map((path) => statSync(path).size)).toEqual([0, 0])
    expect(readdirSync(folder)).toHaveLength(2)
  })

  test.each([
    ['3_three.sql', '4_four.sql', 4n, '0005_five'],
    ['a_dir/x', '000010_x.up.sql', 6n, '000011_five'],
  ])('beside %s and %s have the next number', (one, two, digits, start) => {
    for (const name of [one, two]) {
      mkdirSync(join(folder, name, '..'), { recursive: true })
      writeFileSync(join(folder, name), '')
    }
    create({ seq: true, digits, name: 'five' })
    expect(readdirSync(folder)).toContain(`${start}.up.sql`)
    expect(readdirSync(folder)).toContain(`${start}.down.sql`)
  })

  test.each(['.', './', '..//x/./.././/x/..', 'new/folder/', 'new'])('go into %s', (dir) => {
    create({ dir: `${folder}/in/${dir}`, seq: true })
    expect(readdirSync(join(folder, 'in', dir))).toContain('000001_name.up.sql')
  })

  test.each([
    ['the seq and format options are mutually exclusive', { seq: true, format: 'unix' }],
    ['time format may not be empty', { format: '' }],
    ['digits must be positive', { seq: true, digits: 0n }],
    ['mkdir /dev/null: not a directory', { dir: '/dev/null/x' }],
    ['mkdir /dev/null: not a directory', { dir: '/dev/null' }],
    ['invalid argument', { dir: 'a\0b' }],
    ['_no/such.up.sql: no such file or directory', { name: 'no/such' }],
    ['syntax error in pattern', { dir: '[' }],
  ])('are not made: %s', (message, options) => {
    expect(() => create(options)).toThrow(message)
    expect(readdirSync(folder)).toEqual([])
  })

  test.each(['bad.sql', 'bad_bad.sql', '-5_negative.sql'])('are not made beside %s', (name) => {
    writeFileSync(join(folder, name), '')
    expect(() => create({ seq: true })).toThrow(/malformed|invalid syntax/)
    expect(readdirSync(folder)).toEqual([name])
  })

  test('of one version are made once', () => {
    create({ format: '20060102' })
    expect(() => create({ format: '20060102', name: 'other' })).toThrow(
      'duplicate migration version: 20001225',
    )
    expect(create({ format: '20060102', name: 'other', ext: '.txt' })).toHaveLength(2)
  })

  test('are found by a pattern as Go finds them', () => {
    for (const name of ['a.sql', 'b.sql', 'B.sql', 'a-b.txt', '[x].sql']) {
      writeFileSync(join(folder, name), '')
    }
    const names = (pattern: string): readonly string[] =>
      goGlob(join(folder, pattern)).map((path) => path.slice(folder.length + 1))
    expect(names('*.sql')).toEqual(['B.sql', '[x].sql', 'a.sql', 'b.sql'])
    expect(names('?.sql')).toEqual(['B.sql', 'a.sql', 'b.sql'])
    expect(names('[a-b].sql')).toEqual(['a.sql', 'b.sql'])
    expect(names('[^a-b].sql')).toEqual(['B.sql'])
    expect(names('\\[x].sql')).toEqual(['[x].sql'])
    expect(names('[b-a].sql')).toEqual([])
    expect(() => names('[')).toThrow('syntax error in pattern')
    expect(() => names('[a-]')).toThrow('syntax error in pattern')
    expect(() => names('\\')).toThrow('syntax error in pattern')
  })
})
