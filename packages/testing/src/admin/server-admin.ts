import type { ServerKind } from '../database-kind.ts'
import { serverDefinitions } from '../database-kind.ts'
import type { ServerAdmin } from './admin.ts'
import { mysqlAdmin } from './mysql-admin.ts'
import { postgresAdmin } from './postgres-admin.ts'

export function adminOf(kind: ServerKind): ServerAdmin {
  switch (serverDefinitions[kind].protocol) {
    case 'postgres':
      return postgresAdmin
    case 'mysql':
      return mysqlAdmin
  }
}
