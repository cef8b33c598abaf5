import { sqliteDriver } from '../src/index.ts'

/** How a second process opens the database that a test names in the environment. */
export const open = (): ReturnType<typeof sqliteDriver> =>
  sqliteDriver(process.env['MIG_TEST_SQLITE_FILE'] ?? '')
