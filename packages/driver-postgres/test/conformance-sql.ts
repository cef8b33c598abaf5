import type { DriverTestSql } from '@mig/driver-testkit'

/** The statements that the conformance suite needs. */
export const postgresSql: DriverTestSql = {
  create: (name) => `CREATE TABLE ${name} (id int PRIMARY KEY)`,
  drop: (name) => `DROP TABLE ${name}`,
  fail: 'SELECT * FROM kit_nowhere',
  outside: 'VACUUM',
  slow: (ms) => `SELECT pg_sleep(${ms / 1000})`,
  select: 'SELECT generate_series(1, 2)',
  block: { begin: 'BEGIN', commit: 'COMMIT' },
  session: {
    change: "SET search_path = ''",
    check:
      "SELECT CASE current_setting('search_path') WHEN '\"\"' THEN 1 / (count(*) - 1) END FROM (SELECT 1) AS one",
  },
}
