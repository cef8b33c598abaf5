import { join } from 'node:path'
import type { BenchDatabaseKind, Target } from '../databases.ts'
import { plainPostgresUrl } from '../databases.ts'
import { concatenatedLayout } from '../layouts.ts'
import type { Command } from '../measure.ts'
import { isInstalled, outputOf } from '../workshop.ts'
import type { Tool } from './tool.ts'
import { ToolUnavailableError } from './tool.ts'

/** Gives the file whose name ends like that before its extension. */
type FileOf = (suffix: string) => string

interface ClientDefinition {
  readonly name: string
  readonly program: string
  /** The Debian package it is in. */
  readonly debian: string
  readonly databases: readonly BenchDatabaseKind[]
  readonly versionFlag: string
  readonly command: (program: string, target: Target, file: FileOf) => Command
}

/** A database's own client, fed with all migrations in one file: what the SQL alone costs. */
function client(definition: ClientDefinition): Tool {
  const { name, program, debian, databases, versionFlag, command } = definition
  return {
    name,
    role: 'limit',
    databases,
    layout: concatenatedLayout,
    async prepare() {
      if (!(await isInstalled(program))) {
        throw new ToolUnavailableError(`needs \`${program}\` (Debian package ${debian})`)
      }
      return {
        version: versionIn(await outputOf(program, [versionFlag])),
        command: (operation, target, folder) =>
          operation === 'version'
            ? { unsupported: 'keeps no version' }
            : command(program, target, (suffix) => join(folder, `${operation}${suffix}.sql`)),
      }
    },
  }
}

/** MariaDB's client tells its own version before that of the server it came with. */
function versionIn(text: string): string {
  return (/Distrib ([\d.]+)/.exec(text) ?? /(\d+\.[\d.]+)/.exec(text))?.[1] ?? text
}

const psqlDefinition = {
  program: 'psql',
  debian: 'postgresql-client',
  databases: ['postgres'],
  versionFlag: '--version',
} as const

function psqlArgs(target: Target, file: string): readonly string[] {
  return ['-X', '-q', '-v', 'ON_ERROR_STOP=1', '-f', file, plainPostgresUrl(target)]
}

/** All in one transaction. */
export const psqlTransaction: Tool = client({
  ...psqlDefinition,
  name: 'psql -1',
  command: (program, target, file) => ({ program, args: ['-1', ...psqlArgs(target, file(''))] }),
})

/** A commit for each statement. */
export const psqlAutocommit: Tool = client({
  ...psqlDefinition,
  name: 'psql',
  command: (program, target, file) => ({ program, args: psqlArgs(target, file('')) }),
})

const mysqlDefinition = {
  databases: ['mysql', 'mariadb'],
  versionFlag: '--version',
  command: (program: string, { host, port, user, password, name }: Target, file: FileOf) => ({
    program,
    args: [`--host=${host}`, `--port=${port}`, `--user=${user}`, '--protocol=tcp', name],
    environment: { MYSQL_PWD: password },
    input: file(''),
  }),
} as const

/** MariaDB's client, which MySQL understands too. */
export const mariadbClient: Tool = client({
  ...mysqlDefinition,
  name: 'mariadb client',
  program: 'mariadb',
  debian: 'mariadb-client',
})

const sqliteDefinition = {
  program: 'sqlite3',
  debian: 'sqlite3',
  databases: ['sqlite'],
  versionFlag: '--version',
} as const

/** A commit for each statement. */
export const sqliteAutocommit: Tool = client({
  ...sqliteDefinition,
  name: 'sqlite3',
  command: (program, target, file) => ({
    program,
    args: ['-batch', '-bail', target.name],
    input: file(''),
  }),
})

/** All in one transaction. */
export const sqliteTransaction: Tool = client({
  ...sqliteDefinition,
  name: 'sqlite3 (one transaction)',
  command: (program, target, file) => ({
    program,
    args: ['-batch', '-bail', target.name],
    input: file('-in-transaction'),
  }),
})
