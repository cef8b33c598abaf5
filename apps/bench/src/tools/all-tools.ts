import {
  mariadbClient,
  psqlAutocommit,
  psqlTransaction,
  sqliteAutocommit,
  sqliteTransaction,
} from './clients.ts'
import { goose, tern } from './go-tools.ts'
import { golangMigrate } from './golang-migrate.ts'
import { mig, migrate, migWithoutLedger } from './mig.ts'
import {
  dbmate,
  drizzle,
  knex,
  kysely,
  nodePgMigrate,
  postgrator,
  postgresMigrations,
  umzug,
} from './npm-tools.ts'
import type { Tool } from './tool.ts'

/** Every tool, in the order of the report. */
export const allTools: readonly Tool[] = [
  mig,
  migrate,
  migWithoutLedger,
  golangMigrate,
  nodePgMigrate,
  knex,
  umzug,
  drizzle,
  kysely,
  postgresMigrations,
  postgrator,
  goose,
  dbmate,
  tern,
  psqlTransaction,
  psqlAutocommit,
  mariadbClient,
  sqliteTransaction,
  sqliteAutocommit,
]
