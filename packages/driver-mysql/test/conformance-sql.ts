import type { DriverTestSql } from '@mig/driver-testkit'

/** The table that holds what the suite makes inside transactions. */
export const rowsTable = 'rows_of_the_suite'

/** The statements that the conformance suite needs. */
export const mysqlSql: DriverTestSql = {
  create: (name) => `CREATE TABLE ${name} (id int PRIMARY KEY)`,
  drop: (name) => `DROP TABLE ${name}`,
  fail: 'SELECT * FROM kit_nowhere',
  outside: 'FLUSH STATUS',
  transactional: {
    create: (name) => `INSERT INTO ${rowsTable} VALUES ('${name}')`,
    // Fails where there is no such row, by a second row in a subquery.
    drop: (name) =>
      `DELETE FROM ${rowsTable} WHERE name = '${name}'; ` +
      'SET @there = IF(ROW_COUNT() = 1, 1, (SELECT 1 UNION ALL SELECT 2))',
  },
  // Not SELECT SLEEP(…) alone, which MySQL answers when it is killed.
  slow: (ms) => `SELECT * FROM (SELECT SLEEP(${ms / 1000}) AS slept) AS slow`,
  select: 'SELECT 1 UNION ALL SELECT 2',
  block: { begin: 'START TRANSACTION', commit: 'COMMIT' },
  session: {
    change: 'SET @kit_changed = 1',
    check: 'SET @kit_seen = IF(@kit_changed IS NULL, 1, (SELECT 1 UNION ALL SELECT 2))',
  },
}
