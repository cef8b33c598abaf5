import type { VersionState } from '@mig/core/driver'
import type { DriverTestKit } from './driver-test-kit.ts'

/** Sets the version row by another driver, as `force` does, while a test's own goes on. */
export const forceState = async (kit: DriverTestKit, to: VersionState): Promise<void> => {
  const driver = await kit.open()
  const entry = kit.entry('forced', { version: to.version, to: to.version, dirty: to.dirty })
  await driver.writeState({ to, entry })
  await kit.end(driver)
}
