import { benchDatabaseKinds } from '../databases.ts'
import { smallMigrations } from '../migrations.ts'
import type { Workload } from './workload.ts'

/** All migrations applied, then all reverted. */
export function downAll(count: number): Workload {
  return {
    id: `down-${count}`,
    title: `${count.toLocaleString('en')} small migrations, all the way down`,
    databases: benchDatabaseKinds,
    delayMs: 0,
    operation: 'down',
    start: 'applied-each-time',
    count,
    migrations: async (kind) => smallMigrations(count, kind),
  }
}
