import type { DriverTestSql } from '@mig/driver-testkit'
import Database from 'better-sqlite3'

/** The statements that the conformance suite needs. */
export const sqliteSql: DriverTestSql = {
  create: (name) => `CREATE TABLE ${name} (id INTEGER PRIMARY KEY)`,
  drop: (name) => `DROP TABLE ${name}`,
  fail: 'SELECT * FROM kit_nowhere',
  outside: 'VACUUM',
  slow: (ms) =>
    `WITH RECURSIVE n (i) AS (SELECT 1 UNION ALL SELECT i + 1 FROM n WHERE i < ${ms * 5_000}) SELECT max(i) FROM n`,
  select: 'SELECT 1 UNION ALL SELECT 2',
  block: { begin: 'BEGIN', commit: 'COMMIT' },
  session: {
    change: 'PRAGMA case_sensitive_like = ON',
    // An overflow, where "a" is not like "A".
    check: "SELECT iif('a' LIKE 'A', 1, abs(-9223372036854775808))",
  },
}

/** Names of the tables of a database file, over a connection of its own. */
export const tablesOf = (file: string): readonly string[] => {
  const client = new Database(file)
  try {
    return client
      .prepare<[], string>("SELECT name FROM sqlite_schema WHERE type = 'table' ORDER BY name")
      .pluck()
      .all()
  } finally {
    client.close()
  }
}
