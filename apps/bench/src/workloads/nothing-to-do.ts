import { benchDatabaseKinds } from '../databases.ts'
import { smallMigrations } from '../migrations.ts'
import type { Workload } from './workload.ts'

/** All migrations applied, `up` once more. */
export function nothingToDo(count: number): Workload {
  return {
    id: `nothing-${count}`,
    title: `Nothing to do, ${count.toLocaleString('en')} ${count === 1 ? 'file' : 'files'} applied`,
    databases: benchDatabaseKinds,
    delayMs: 0,
    operation: 'up',
    start: 'applied-once',
    count,
    migrations: async (kind) => smallMigrations(count, kind),
    ...(count === 1
      ? {}
      : {
          beside: {
            count: 1,
            over: 'one file',
            migrations: (kind) => smallMigrations(1, kind),
          },
        }),
  }
}
