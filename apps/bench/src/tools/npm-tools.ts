import { join } from 'node:path'
import { fileURLToPath } from 'node:url'
import type { BenchDatabaseKind, Target } from '../databases.ts'
import { plainPostgresUrl } from '../databases.ts'
import type { Layout } from '../layouts.ts'
import {
  dbmateLayout,
  drizzleLayout,
  golangMigrateLayout,
  knexLayout,
  nodePgMigrateLayout,
  plainLayout,
  postgratorLayout,
} from '../layouts.ts'
import { installedVersion, installNpmPeers } from './npm-peers.ts'
import type { Operation, Tool } from './tool.ts'

interface NpmToolDefinition {
  readonly name: string
  readonly package: string
  readonly databases: readonly BenchDatabaseKind[]
  readonly layout: Layout
  /** Operations it does not have, with what is missing. */
  readonly missing?: Readonly<Partial<Record<Operation, string>>>
  /** What follows `node`, seen from the folder of the peers. */
  readonly script: string
  readonly args: (operation: Operation, target: Target, folder: string) => readonly string[]
  readonly environment?: (target: Target, folder: string) => Readonly<Record<string, string>>
}

const everyDatabase = ['postgres', 'mysql', 'mariadb', 'sqlite'] as const

function npmTool(definition: NpmToolDefinition): Tool {
  const { name, databases, layout, missing = {}, script, args, environment } = definition
  return {
    name,
    role: 'npm',
    databases,
    layout,
    async prepare(workshop) {
      const peers = await installNpmPeers(workshop)
      return {
        version: await installedVersion(peers, definition.package),
        command(operation, target, folder) {
          const reason = missing[operation]
          if (reason !== undefined) return { unsupported: reason }
          return {
            program: process.execPath,
            args: [join(peers, script), ...args(operation, target, folder)],
            environment: environment?.(target, folder) ?? {},
          }
        },
      }
    },
  }
}

/** A library: a script of a few lines calls it as its documentation shows. */
function npmLibrary(
  definition: Omit<NpmToolDefinition, 'args' | 'package'> & { readonly package?: string },
): Tool {
  return npmTool({
    package: definition.name,
    ...definition,
    args: (operation, target, folder) => [
      operation,
      folder,
      target.kind === 'postgres' ? plainPostgresUrl(target) : target.url,
    ],
  })
}

/** By its own command. It has none for the version: `up` with nothing to do comes closest. */
export const nodePgMigrate: Tool = npmTool({
  name: 'node-pg-migrate',
  package: 'node-pg-migrate',
  databases: ['postgres'],
  layout: nodePgMigrateLayout,
  script: 'node_modules/node-pg-migrate/bin/node-pg-migrate.js',
  args: (operation, _target, folder) => [
    ...(operation === 'down' ? ['down', '0'] : ['up']),
    '--migrations-dir',
    folder,
    '--migration-file-language',
    'sql',
  ],
  environment: (target) => ({ DATABASE_URL: plainPostgresUrl(target) }),
})

const knexVerbs: Readonly<Record<Operation, readonly string[]>> = {
  up: ['migrate:latest'],
  down: ['migrate:rollback', '--all'],
  version: ['migrate:currentVersion'],
}

const knexFile = fileURLToPath(new URL('../../peers/knexfile.js', import.meta.url))

/** By its own command. */
export const knex: Tool = npmTool({
  name: 'knex',
  package: 'knex',
  databases: everyDatabase,
  layout: knexLayout,
  script: 'node_modules/knex/bin/cli.js',
  args: (operation) => [...knexVerbs[operation], '--knexfile', knexFile],
  environment: (target, folder) => ({ BENCH_URL: target.url, BENCH_FOLDER: folder }),
})

export const umzug: Tool = npmLibrary({
  name: 'umzug',
  databases: ['postgres', 'mysql', 'mariadb'],
  layout: golangMigrateLayout,
  script: 'run-umzug.js',
})

export const drizzle: Tool = npmLibrary({
  name: 'drizzle-orm',
  databases: everyDatabase,
  layout: drizzleLayout,
  missing: { down: 'has no way down', version: 'tells no version' },
  script: 'run-drizzle.js',
})

export const postgresMigrations: Tool = npmLibrary({
  name: 'postgres-migrations',
  databases: ['postgres'],
  layout: plainLayout,
  missing: { down: 'has no way down', version: 'tells no version' },
  script: 'run-postgres-migrations.js',
})

export const kysely: Tool = npmLibrary({
  name: 'kysely',
  databases: everyDatabase,
  layout: golangMigrateLayout,
  script: 'run-kysely.js',
})

export const postgrator: Tool = npmLibrary({
  name: 'postgrator',
  databases: everyDatabase,
  layout: postgratorLayout,
  script: 'run-postgrator.js',
})

export const dbmate: Tool = {
  name: 'dbmate',
  role: 'other',
  databases: everyDatabase,
  layout: dbmateLayout,
  async prepare(workshop) {
    const peers = await installNpmPeers(workshop)
    const folder = join(peers, 'node_modules', '@dbmate', `${process.platform}-${process.arch}`)
    return {
      version: await installedVersion(peers, 'dbmate'),
      command: (operation, target, migrations) =>
        operation === 'down'
          ? { unsupported: 'reverts one migration a call' }
          : {
              program: join(folder, 'bin', 'dbmate'),
              args: [
                '--no-dump-schema',
                '--migrations-dir',
                migrations,
                '--url',
                dbmateUrl(target),
                operation === 'up' ? 'up' : 'status',
              ],
            },
    }
  },
}

function dbmateUrl(target: Target): string {
  switch (target.kind) {
    case 'postgres':
      return plainPostgresUrl(target)
    case 'mysql':
    case 'mariadb':
      return target.url
    case 'sqlite':
      return `sqlite:${target.name}`
  }
}
