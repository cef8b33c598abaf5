export { splitMysql, type MysqlSplitOptions } from './dialects/mysql.ts'
export { splitPostgres, type PostgresSplitOptions } from './dialects/postgres.ts'
export { splitSqlite, sqliteNeedsOwnTransaction } from './dialects/sqlite.ts'
export { mysqlObjects, postgresObjects, sqliteObjects } from './objects/dialect-objects.ts'
export type { ObjectKind, StatementObject } from './objects/statement-object.ts'
export type {
  ParsedScript,
  ScriptProblem,
  Statement,
  StatementList,
  StatementRole,
} from './script.ts'
