import { benchDatabaseKinds } from '../databases.ts'
import { largeMigration } from '../migrations.ts'
import type { Workload } from './workload.ts'

/** One file of INSERTs, behind a small one that makes the table. */
export function largeFile(megabytes: number): Workload {
  return {
    id: `large-${megabytes}`,
    title: `One file of ${megabytes} MB of INSERTs`,
    databases: benchDatabaseKinds,
    delayMs: 0,
    operation: 'up',
    start: 'empty',
    count: null,
    migrations: async () => largeMigration(megabytes * 1024 * 1024),
  }
}
