import { mysqlDriver } from '../src/index.ts'

/** How a second process opens the database that a test names in the environment. */
export const open = (): ReturnType<typeof mysqlDriver> =>
  mysqlDriver(process.env['MIG_TEST_DATABASE'] ?? '')
