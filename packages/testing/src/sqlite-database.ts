import { mkdtemp, rm } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import type { TestDatabase } from './test-server.ts'

/** A path for a database file in a folder of its own; whoever opens it first makes the file. */
export async function sqliteDatabase(): Promise<TestDatabase> {
  const folder = await mkdtemp(join(tmpdir(), 'mig-sqlite-'))
  const path = join(folder, 'db.sqlite')
  const drop = (): Promise<void> => rm(folder, { recursive: true, force: true })
  return { kind: 'sqlite', url: `sqlite://${path}`, name: path, drop, [Symbol.asyncDispose]: drop }
}
