import type { BenchDatabaseKind } from '../databases.ts'
import { benchDatabaseKinds } from '../databases.ts'
import { smallMigrations } from '../migrations.ts'
import type { Beside, Workload } from './workload.ts'

/** An empty database, all migrations pending. */
export function up(count: number): Workload {
  return {
    id: `up-${count}`,
    title: `${count.toLocaleString('en')} small migrations`,
    ...common(count, benchDatabaseKinds),
    delayMs: 0,
    ...(count > growsFrom ? { beside: fewer } : {}),
  }
}

/** More than so many are measured in turn with so many, for what each migration takes longer. */
const growsFrom = 1_000

const fewer: Beside = {
  count: growsFrom,
  over: growsFrom.toLocaleString('en'),
  migrations: (kind) => smallMigrations(growsFrom, kind),
}

/** The same over a slow network, where round trips decide. */
export function delayedUp(count: number, delayMs: number): Workload {
  return {
    id: `delay-${delayMs}ms-${count}`,
    title: `${count.toLocaleString('en')} small migrations, ${delayMs} ms network delay`,
    ...common(count, ['postgres', 'mysql', 'mariadb']),
    delayMs,
  }
}

function common(count: number, databases: readonly BenchDatabaseKind[]) {
  return {
    databases,
    operation: 'up',
    start: 'empty',
    count,
    migrations: async (kind: BenchDatabaseKind) => smallMigrations(count, kind),
  } as const
}
