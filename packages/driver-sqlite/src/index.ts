export type { SqliteClient, SqliteStatement } from './sqlite-client.ts'
export { sqliteDriver } from './sqlite-driver.ts'
export type { SqliteDriverOptions } from './sqlite-options.ts'
