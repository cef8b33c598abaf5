import type { SideDatabase } from './database.ts'

/** Waits until a query counts something. */
export const waitUntil = async (database: SideDatabase, condition: string): Promise<void> => {
  const deadline = performance.now() + 20_000
  for (;;) {
    if ((await database.count(condition)) > 0) return
    if (performance.now() > deadline) throw new Error(`never came: ${condition}`)
  }
}
