import { describe, expect, test } from 'vitest'
import {
  drizzleLayout,
  gooseLayout,
  concatenatedLayout,
  golangMigrateLayout,
} from '../src/layouts.ts'
import { largeMigration, smallMigrations } from '../src/migrations.ts'

test('small migrations are numbered from 1 and say how many tables they make', () => {
  const { migrations, itemTables } = smallMigrations(5, 'postgres')
  expect(migrations.map(({ version }) => version)).toEqual([1, 2, 3, 4, 5])
  expect(migrations.filter(({ up }) => up.startsWith('CREATE TABLE'))).toHaveLength(2)
  expect(itemTables).toBe(2)
})

test('an index is dropped as the database wants it', () => {
  const down = (kind: 'mysql' | 'sqlite') => smallMigrations(3, kind).migrations[2]?.down
  expect(down('mysql')).toBe('DROP INDEX item_00001_price ON item_00001;')
  expect(down('sqlite')).toBe('DROP INDEX item_00001_price;')
})

test('the large file has the size it is to have', () => {
  const text = largeMigration(1024 * 1024).migrations[1]?.up ?? ''
  expect(text.length).toBe(1024 * 1024)
  expect(text.split('\n').at(1)).toMatch(
    /^INSERT INTO item_large \(id, body\) VALUES \(2, 'x+'\);$/,
  )
})

describe('layouts', () => {
  const { migrations } = smallMigrations(2, 'sqlite')
  const paths = (layout: typeof gooseLayout) =>
    Array.from(layout.files(migrations), ({ path }) => path)

  test('golang-migrate', () => {
    expect(paths(golangMigrateLayout)).toEqual([
      '000001_create_item_00001.up.sql',
      '000001_create_item_00001.down.sql',
      '000002_add_price_item_00001.up.sql',
      '000002_add_price_item_00001.down.sql',
    ])
  })

  test('one file with headings', () => {
    const [first] = gooseLayout.files(migrations)
    expect(first?.text).toMatch(/^-- \+goose Up\nCREATE [^;]+;\n\n-- \+goose Down\nDROP [^;]+;\n$/)
  })

  test('drizzle has a journal', () => {
    expect(paths(drizzleLayout)).toContain('meta/_journal.json')
  })

  test('everything in one file, backwards going down', () => {
    const files = new Map(
      Array.from(concatenatedLayout.files(migrations), ({ path, text }) => [path, text]),
    )
    expect(files.get('down.sql')).toMatch(/^ALTER .*\nDROP TABLE .*\n$/)
    expect(files.get('up-in-transaction.sql')).toMatch(/^BEGIN;\n[^]+\nCOMMIT;\n$/)
  })
})
