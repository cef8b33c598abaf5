import { join } from 'node:path'
import type { Target } from '../databases.ts'
import { mysqlDsn, plainPostgresUrl } from '../databases.ts'
import { golangMigrateLayout } from '../layouts.ts'
import { outputOf } from '../workshop.ts'
import type { Operation, Tool } from './tool.ts'

/** golang-migrate as its own binary, named by MIG_GOLANG_MIGRATE or built as CI builds it. */
export const golangMigrate: Tool = {
  name: 'golang-migrate',
  role: 'golang-migrate',
  databases: ['postgres', 'mysql', 'mariadb', 'sqlite'],
  layout: golangMigrateLayout,
  async prepare({ repository }) {
    const program =
      process.env['MIG_GOLANG_MIGRATE'] ||
      (await outputOf(join(repository, '.ci', 'setup-golang-migrate.sh'), []))
    return {
      version: await versionOf(program),
      command(operation, target, folder) {
        return {
          program,
          args: ['-path', folder, '-database', databaseUrl(target), ...verbs[operation]],
        }
      },
    }
  },
}

/** What golang-migrate and a replacement for it are called with. */
export const verbs: Readonly<Record<Operation, readonly string[]>> = {
  up: ['up'],
  down: ['down', '-all'],
  version: ['version'],
}

/** A binary without a stamped version says `dev`; then the module's own version tells. */
async function versionOf(program: string): Promise<string> {
  const told = await outputOf(program, ['-version'])
  if (told !== 'dev') return told
  const modules = await outputOf('go', ['version', '-m', program]).catch(() => '')
  return /^\s*mod\s+\S+\s+(\S+)/m.exec(modules)?.[1] ?? told
}

/** URLs as golang-migrate reads them. */
export function databaseUrl(target: Target): string {
  switch (target.kind) {
    case 'postgres':
      return plainPostgresUrl(target)
    case 'mysql':
    case 'mariadb':
      return `mysql://${mysqlDsn(target, 'multiStatements=true')}`
    case 'sqlite':
      return target.ownTransactions ? `${target.url}?x-no-tx-wrap=true` : target.url
  }
}
