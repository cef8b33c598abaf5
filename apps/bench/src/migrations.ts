import { readdir, readFile } from 'node:fs/promises'
import { join } from 'node:path'
import type { BenchDatabaseKind } from './databases.ts'

/** One migration, in no tool's format yet. */
export interface Migration {
  /** From 1 on without gaps, as some tools demand. */
  readonly version: number
  readonly name: string
  readonly up: string
  readonly down: string
}

/** Migrations of one workload, and what tells that they have been applied. */
export interface MigrationSet {
  /** Names the folders they are written to. */
  readonly id: string
  readonly migrations: readonly Migration[]
  /** Whether bodies open transactions themselves. */
  readonly ownTransactions: boolean
  /** Tables named `item_…` after all of them; `null` if they make others. */
  readonly itemTables: number | null
}

interface Step {
  readonly name: string
  up(table: string, kind: BenchDatabaseKind): string
  down(table: string, kind: BenchDatabaseKind): string
}

/** What a table goes through: the usual small changes, one statement each. */
const lifeOfATable: readonly Step[] = [
  {
    name: 'create',
    up: (table) => `CREATE TABLE ${table} (id integer PRIMARY KEY, name varchar(100) NOT NULL);`,
    down: (table) => `DROP TABLE ${table};`,
  },
  {
    name: 'add_price',
    up: (table) => `ALTER TABLE ${table} ADD COLUMN price integer;`,
    down: (table) => `ALTER TABLE ${table} DROP COLUMN price;`,
  },
  {
    name: 'index_price',
    up: (table) => `CREATE INDEX ${table}_price ON ${table} (price);`,
    down: (table, kind) =>
      kind === 'mysql' || kind === 'mariadb'
        ? `DROP INDEX ${table}_price ON ${table};`
        : `DROP INDEX ${table}_price;`,
  },
  {
    name: 'fill',
    up: (table) => `INSERT INTO ${table} (id, name, price) VALUES (1, 'first', 100);`,
    down: (table) => `DELETE FROM ${table} WHERE id = 1;`,
  },
]

/** `count` migrations of one statement each: three of four are DDL. */
export function smallMigrations(count: number, kind: BenchDatabaseKind): MigrationSet {
  const migrations = Array.from({ length: count }, (_, index): Migration => {
    const step = lifeOfATable[index % lifeOfATable.length] as Step
    const number = Math.floor(index / lifeOfATable.length) + 1
    const table = `item_${String(number).padStart(5, '0')}`
    return {
      version: index + 1,
      name: `${step.name}_${table}`,
      up: step.up(table, kind),
      down: step.down(table, kind),
    }
  })
  return {
    id: `small-${count}-${kind}`,
    migrations,
    ownTransactions: false,
    itemTables: Math.ceil(count / lifeOfATable.length),
  }
}

const rowBytes = 512

/** A small migration that makes a table, and one of `bytes` bytes that fills it, a row a statement. */
export function largeMigration(bytes: number): MigrationSet {
  const statement = (id: number): string => {
    const head = `INSERT INTO item_large (id, body) VALUES (${id}, '`
    return `${head}${'x'.repeat(rowBytes - head.length - 4)}');\n`
  }
  const up = Array.from({ length: Math.ceil(bytes / rowBytes) }, (_, index) => statement(index + 1))
  return {
    id: `large-${bytes}`,
    migrations: [
      {
        version: 1,
        name: 'create_item_large',
        up: 'CREATE TABLE item_large (id integer PRIMARY KEY, body varchar(1000) NOT NULL);',
        down: 'DROP TABLE item_large;',
      },
      { version: 2, name: 'fill', up: up.join(''), down: 'DELETE FROM item_large;' },
    ],
    ownTransactions: false,
    itemTables: 1,
  }
}

/** The folder of real migrations for each database, and the version at which reading ends. */
const corpora: Readonly<
  Partial<Record<BenchDatabaseKind, { readonly folder: string; readonly before?: string }>>
> = {
  postgres: { folder: 'pocket-id-postgres' },
  mysql: { folder: 'kratos-mysql' },
  // The file of that version calls an SQL function which only the application registers.
  sqlite: { folder: 'pocket-id-sqlite', before: '20250705000000' },
}

/** The real migrations that are there for this kind of database, if any, numbered anew from 1. */
export async function corpusMigrations(
  corpus: string,
  kind: BenchDatabaseKind,
): Promise<MigrationSet | undefined> {
  const source = corpora[kind]
  if (source === undefined) return undefined
  const folder = join(corpus, source.folder)
  const versions = new Map<bigint, { name: string; up?: string; down?: string }>()
  for (const file of await readdir(folder)) {
    const parts = /^(\d+)_(.+?)\.+(up|down)\.sql$/.exec(file)
    if (parts === null) continue
    const [, version = '', name = '', direction] = parts
    if (source.before !== undefined && BigInt(version) >= BigInt(source.before)) continue
    const entry = versions.get(BigInt(version)) ?? { name }
    entry[direction === 'up' ? 'up' : 'down'] = await readFile(join(folder, file), 'utf8')
    versions.set(BigInt(version), entry)
  }
  const inOrder = Array.from(versions).toSorted(([a], [b]) => (a < b ? -1 : 1))
  const migrations = inOrder
    .filter(([, { up }]) => up !== undefined)
    .map(([, { name, up = '', down = '' }], index) => ({ version: index + 1, name, up, down }))
  const ownTransactions = kind === 'sqlite'
  return { id: `corpus-${kind}`, migrations, ownTransactions, itemTables: null }
}
