import { postgresDriver } from '../src/index.ts'

/** How a second process opens the database that a test names in the environment. */
export const open = (): ReturnType<typeof postgresDriver> =>
  postgresDriver(process.env['MIG_TEST_DATABASE'] ?? '')
