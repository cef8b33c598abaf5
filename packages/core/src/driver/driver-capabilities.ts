import type { DriverCapabilities } from './driver.ts'

const defaults: DriverCapabilities = {
  transactionalDdl: true,
  transactionalSettings: true,
  orderedDurability: false,
  serverCancel: false,
  sessionLock: true,
  multiProcess: true,
  blocking: false,
  batchSize: 1,
  beginsWithCommit: false,
  roles: false,
  lockStrategies: ['advisory', 'none'],
}

/** A driver's capabilities: its own flags over the defaults. */
export const defineCapabilities = (flags: Partial<DriverCapabilities>): DriverCapabilities =>
  Object.freeze({ ...defaults, ...flags })
