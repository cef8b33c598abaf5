import type { DriverTestSql } from '../src/index.ts'

/** The language of the in-memory driver. */
export const memorySql: DriverTestSql = {
  create: (name) => `create ${name}`,
  drop: (name) => `drop ${name}`,
  fail: 'drop kit_nowhere',
  outside: 'outside',
  slow: (ms) => `sleep ${ms}`,
}
