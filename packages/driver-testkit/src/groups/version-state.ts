import {
  emptyState,
  formatState,
  maxVersion,
  type Driver,
  type VersionState,
} from '@mig/core/driver'
import { expect } from 'vitest'
import type { DriverTestKit } from '../driver-test-kit.ts'
import { defineGroup, type DriverTestCase, type DriverTestGroup } from '../test-group.ts'

const versions = [null, 0n, 1n, 20_260_101_120_000n, maxVersion - 1n, maxVersion]

const states: readonly VersionState[] = versions.flatMap((version) => [
  { version, dirty: false },
  { version, dirty: true },
])

const write = async (kit: DriverTestKit, driver: Driver, to: VersionState): Promise<void> => {
  const entry = kit.entry('forced', { version: to.version, to: to.version, dirty: to.dirty })
  await driver.writeState({ to, entry })
}

/** Every legal pair of version and dirty, written by one driver and read by another. */
export const testVersionState: DriverTestGroup = defineGroup('version-state', [
  ...states.map((state): DriverTestCase => ({
    name: `keeps ${formatState(state)}`,
    run: async (kit) => {
      const driver = await kit.prepared()
      await write(kit, driver, state)
      expect(await driver.readState(), 'read by the same driver').toEqual(state)
      const other = await kit.open()
      expect(await other.readState(), 'read by another driver').toEqual(state)
      await kit.end(driver)
      const later = await kit.prepared()
      expect((await later.prepare()).state, 'found by prepare').toEqual(state)
    },
  })),
  {
    name: 'replaces one state by the next, and by itself',
    run: async (kit) => {
      const driver = await kit.prepared()
      const reader = await kit.open()
      for (const state of [...states, ...states.toReversed()]) {
        await write(kit, driver, state)
        expect(await reader.readState(), 'first time').toEqual(state)
        await write(kit, driver, state)
        expect(await reader.readState(), 'second time').toEqual(state)
      }
    },
  },
  {
    name: 'reads as the ledger has it, version row and events at once',
    skip: ({ driver }) =>
      driver.readLedger === undefined ? 'the driver keeps no ledger' : undefined,
    run: async (kit) => {
      const driver = await kit.prepared()
      for (const state of states) {
        await write(kit, driver, state)
        expect((await driver.readLedger?.({}))?.state).toEqual(state)
      }
    },
  },
  {
    name: 'is found although another driver wrote it after a look at the empty database',
    run: async (kit) => {
      const driver = await kit.open()
      expect((await driver.readLedger?.({ summary: true }))?.state ?? emptyState).toEqual(
        emptyState,
      )
      expect(await driver.readState()).toEqual(emptyState)
      await write(kit, await kit.prepared(), { version: 5n, dirty: true })
      expect((await driver.prepare()).state).toEqual({ version: 5n, dirty: true })
    },
  },
  {
    name: 'is read although another driver wrote it after this one was opened on the empty database',
    run: async (kit) => {
      const state: VersionState = { version: 5n, dirty: true }
      const [driver, another] = [await kit.open(), await kit.open()]
      await write(kit, await kit.prepared(), state)
      expect((await driver.readLedger?.({ summary: true }))?.state ?? state).toEqual(state)
      expect(await another.readState()).toEqual(state)
    },
  },
  {
    name: 'is not moved by an event',
    run: async (kit) => {
      const driver = await kit.prepared()
      await write(kit, driver, { version: 3n, dirty: false })
      await driver.appendEvent(kit.entry('observed', { version: 9n, to: 9n, dirty: true }))
      expect(await driver.readState()).toEqual({ version: 3n, dirty: false })
    },
  },
  {
    name: 'is kept in a table of another name, apart from the default one',
    run: async (kit) => {
      const settings = { migrationsTable: 'kit_versions' }
      const driver = await kit.prepared(settings)
      expect(driver.database.migrationsTable).toContain('kit_versions')
      await write(kit, driver, { version: 6n, dirty: false })
      expect(await (await kit.open()).readState(), 'the default table').toEqual(emptyState)
      const same = await kit.open(settings)
      expect(await same.readState(), 'the same table').toEqual({ version: 6n, dirty: false })
    },
  },
  {
    name: 'takes steps to the highest version and back',
    run: async (kit) => {
      const driver = await kit.prepared()
      const step = { script: '', version: maxVersion }
      await kit.apply(driver, step)
      expect(await driver.readState()).toEqual({ version: maxVersion, dirty: false })
      await kit.apply(driver, { ...step, direction: 'down', from: maxVersion, to: 0n })
      expect(await driver.readState()).toEqual({ version: 0n, dirty: false })
    },
  },
])
