import { benchDatabaseKinds } from '../databases.ts'
import { corpusMigrations } from '../migrations.ts'
import type { Workload } from './workload.ts'

/** Migrations of real projects. */
export const corpus: Workload = {
  id: 'corpus',
  title: 'Migrations of a real project',
  databases: benchDatabaseKinds,
  delayMs: 0,
  operation: 'up',
  start: 'empty',
  count: null,
  async migrations(kind) {
    const folder = process.env['MIG_CORPUS_DIR']
    if (!folder) return { missing: 'MIG_CORPUS_DIR is not set' }
    return (await corpusMigrations(folder, kind)) ?? { missing: 'the corpus has none for it' }
  },
}
