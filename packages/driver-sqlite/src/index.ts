export type { SqliteClient, SqliteStatement } from './connect/client.ts'
export { sqliteDriver } from './driver.ts'
export type { SqliteDriverOptions } from './connect/options.ts'
