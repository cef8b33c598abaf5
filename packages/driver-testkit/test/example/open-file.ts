// #region second-process
import type { DriverFactory } from '@mig/core/driver'
import { fileDriver } from './file-driver.ts'

/** What a second process opens: it gets the path by its environment. */
export const open = (): DriverFactory => fileDriver(process.env['KIT_FILE'] ?? '')
// #endregion
