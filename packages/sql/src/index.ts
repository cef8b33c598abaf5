export { splitMysql, type MysqlSplitOptions } from './dialects/mysql.ts'
export { splitPostgres, type PostgresSplitOptions } from './dialects/postgres.ts'
export { splitSqlite, sqliteNeedsOwnTransaction } from './dialects/sqlite.ts'
export type { Script, ScriptProblem, Statement, StatementList, StatementRole } from './script.ts'
