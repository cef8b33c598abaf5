import { mkdir, writeFile } from 'node:fs/promises'
import { join } from 'node:path'
import type { Migration } from './migrations.ts'

/** How a tool wants its migrations on disk. */
export interface Layout {
  readonly name: string
  files(migrations: readonly Migration[]): Iterable<LayoutFile>
}

interface LayoutFile {
  readonly path: string
  readonly text: string
}

function stem({ version, name }: Migration): string {
  return `${String(version).padStart(6, '0')}_${name}`
}

/** One file a version, the two directions under a heading each. */
function marked(name: string, up: string, down: string): Layout {
  return {
    name,
    *files(migrations) {
      for (const migration of migrations) {
        const text = `${up}\n${migration.up}\n\n${down}\n${migration.down}\n`
        yield { path: `${stem(migration)}.sql`, text }
      }
    },
  }
}

/** A pair of files a version. */
function pairs(
  name: string,
  path: (migration: Migration, direction: 'up' | 'down') => string,
): Layout {
  return {
    name,
    *files(migrations) {
      for (const migration of migrations) {
        yield { path: path(migration, 'up'), text: `${migration.up}\n` }
        yield { path: path(migration, 'down'), text: `${migration.down}\n` }
      }
    },
  }
}

export const golangMigrateLayout: Layout = pairs(
  'golang-migrate',
  (migration, direction) => `${stem(migration)}.${direction}.sql`,
)

export const postgratorLayout: Layout = pairs(
  'postgrator',
  ({ version, name }, direction) =>
    `${String(version).padStart(6, '0')}.${direction === 'up' ? 'do' : 'undo'}.${name}.sql`,
)

export const nodePgMigrateLayout: Layout = marked(
  'node-pg-migrate',
  '-- Up Migration',
  '-- Down Migration',
)

/** A goose migration ends its statements at a semicolon at the end of a line. */
export const gooseLayout: Layout = marked('goose', '-- +goose Up', '-- +goose Down')

export const dbmateLayout: Layout = marked('dbmate', '-- migrate:up', '-- migrate:down')

export const ternLayout: Layout = {
  name: 'tern',
  *files(migrations) {
    for (const migration of migrations) {
      const text = `${migration.up}\n---- create above / drop below ----\n${migration.down}\n`
      yield { path: `${stem(migration)}.sql`, text }
    }
  },
}

/** Up files alone. */
export const plainLayout: Layout = {
  name: 'plain',
  *files(migrations) {
    for (const migration of migrations) {
      yield { path: `${stem(migration)}.sql`, text: `${migration.up}\n` }
    }
  },
}

export const drizzleLayout: Layout = {
  name: 'drizzle',
  *files(migrations) {
    yield* plainLayout.files(migrations)
    const entries = migrations.map((migration, idx) => ({
      idx,
      version: '7',
      when: 1_700_000_000_000 + migration.version,
      tag: stem(migration),
      breakpoints: false,
    }))
    const journal = { version: '7', dialect: 'sql', entries }
    yield { path: 'meta/_journal.json', text: JSON.stringify(journal) }
  },
}

export const knexLayout: Layout = {
  name: 'knex',
  *files(migrations) {
    for (const migration of migrations) {
      const text = (['up', 'down'] as const)
        .map(
          (direction) =>
            `exports.${direction} = (knex) => knex.raw(${literal(migration[direction])})`,
        )
        .join('\n')
      yield { path: `${stem(migration)}.cjs`, text: `${text}\n` }
    }
  },
}

function literal(sql: string): string {
  return JSON.stringify(sql)
}

/** Everything in one file, for the databases' own clients. */
export const concatenatedLayout: Layout = {
  name: 'concatenated',
  *files(migrations) {
    const text = (direction: 'up' | 'down', list: readonly Migration[]): string =>
      list.map((migration) => `${migration[direction]}\n`).join('')
    const up = text('up', migrations)
    const down = text('down', migrations.toReversed())
    yield { path: 'up.sql', text: up }
    yield { path: 'down.sql', text: down }
    yield { path: 'up-in-transaction.sql', text: `BEGIN;\n${up}COMMIT;\n` }
    yield { path: 'down-in-transaction.sql', text: `BEGIN;\n${down}COMMIT;\n` }
  },
}

/** Writes a folder in a tool's layout. */
export async function writeLayout(
  folder: string,
  layout: Layout,
  migrations: readonly Migration[],
): Promise<void> {
  await mkdir(join(folder, 'meta'), { recursive: true })
  for (const { path, text } of layout.files(migrations)) {
    await writeFile(join(folder, path), text)
  }
}
