import { createMigrator, isMigrateError, memorySource } from '@mig/core'
import { open } from './open-database.ts'

// What a program does that wants to know the version; it ends when nothing keeps it.
const report = (outcome: object): void => {
  const peakMb = Math.round(process.resourceUsage().maxRSS / 1024)
  process.stdout.write(JSON.stringify({ ...outcome, peakMb }))
}

try {
  const migrator = await createMigrator({
    source: memorySource({}),
    driver: open(),
    lockTimeoutMs: 0,
  })
  try {
    report({ state: String((await migrator.version()).version) })
  } finally {
    await migrator.close()
  }
} catch (error) {
  if (!isMigrateError(error)) throw error
  report({ code: error.code, message: error.message })
}
