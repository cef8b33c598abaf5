import { MigrateError, isMigrateError, type TransactionalStep, type Driver } from '@mig/core/driver'
import type { MemoryDatabase, MigrateErrorDetails } from '@mig/core/driver'

/** One method of the in-memory driver done wrong. */
export interface Fault {
  readonly name: string
  /** The group that must fail. */
  readonly group: string
  /** Other groups that cannot help but fail with it. */
  readonly alsoFails?: readonly string[]
  readonly change: (driver: Driver, database: MemoryDatabase) => Partial<Driver>
}

/** What a driver with a fault tells where it should not. */
export const secret = 'pa55word'

const remake = (
  error: unknown,
  changes: {
    readonly message?: (message: string) => string
    readonly details?: (details: MigrateErrorDetails) => MigrateErrorDetails
    readonly withoutCause?: true
  },
): unknown =>
  isMigrateError(error)
    ? new MigrateError(error.code, changes.message?.(error.message) ?? error.message, {
        details: changes.details?.(error.details) ?? error.details,
        ...(changes.withoutCause ? {} : { cause: error.cause }),
      })
    : error

export const faults: readonly Fault[] = [
  {
    name: 'close rejects the second time',
    group: 'lifecycle',
    change: (driver) => {
      let closed = false
      return {
        close: async () => {
          if (closed) throw new MigrateError('CONNECTION_LOST', 'closed already')
          closed = true
          await driver.close()
        },
      }
    },
  },
  {
    name: 'close leaves the driver usable',
    group: 'lifecycle',
    change: (driver) => ({
      close: async () => {
        await driver.unlock().catch(() => undefined)
      },
    }),
  },
  {
    name: 'readState rounds versions to a double',
    group: 'version-state',
    change: (driver) => ({
      readState: async () => {
        const { version, dirty } = await driver.readState()
        return { version: version === null ? null : BigInt(Number(version)), dirty }
      },
    }),
  },
  {
    name: 'writeState takes version 0 for none',
    group: 'version-state',
    change: (driver) => ({
      writeState: ({ to, entry }) =>
        driver.writeState({ to: { version: to.version || null, dirty: to.dirty }, entry }),
    }),
  },
  {
    name: 'unlock is silent when there is no lock',
    group: 'lock',
    change: (driver) => ({ unlock: () => driver.unlock().catch(() => undefined) }),
  },
  {
    name: 'clearLock takes the lock from a living holder',
    group: 'lock',
    change: (_driver, database) => ({
      clearLock: async () => {
        const cleared = database.lockedBy !== undefined
        database.lockedBy = undefined
        return { cleared }
      },
    }),
  },
  {
    name: 'tryLock always succeeds',
    group: 'lock',
    alsoFails: ['cancellation', 'engine'],
    change: (driver, database) => ({
      tryLock: () => {
        database.lockedBy = undefined
        return driver.tryLock()
      },
    }),
  },
  {
    name: 'split loses a statement without a delimiter',
    group: 'run',
    change: (driver) => ({
      split: (script) => driver.split(script.slice(0, script.lastIndexOf(';') + 1)),
    }),
  },
  {
    name: 'runTransactional counts columns from 0',
    group: 'run',
    change: (driver) => ({
      runTransactional: async (steps, signal) => {
        try {
          return await driver.runTransactional(steps, signal)
        } catch (error) {
          throw remake(error, {
            details: ({ failed, ...others }) => ({
              ...others,
              ...(failed === undefined
                ? {}
                : { failed: { ...failed, column: (failed.column ?? 1) - 1 } }),
            }),
          })
        }
      },
    }),
  },
  {
    name: 'runTransactional does not roll back',
    group: 'transactions',
    change: (driver, database) => ({
      runTransactional: async (steps, signal) => {
        try {
          return await driver.runTransactional(steps, signal)
        } catch (error) {
          for (const { text } of steps[0].parsed.statements) {
            const [command, name = ''] = text.split(' ')
            if (command === 'create') database.objects.add(name)
          }
          throw error
        }
      },
    }),
  },
  {
    name: 'runTransactional tells of steps that are not committed',
    group: 'transactions',
    alsoFails: ['engine', 'ledger'],
    change: (driver) => ({
      runTransactional: (steps, signal, progress) => {
        for (const index of steps.keys()) progress?.done(index, 0)
        return driver.runTransactional(steps, signal)
      },
    }),
  },
  {
    name: 'beginNonTransactional does not look at the version row',
    group: 'transactions',
    change: (driver, database) => ({
      beginNonTransactional: (step, signal) => {
        database.state = { version: step.from, dirty: false }
        return driver.beginNonTransactional(step, signal)
      },
    }),
  },
  {
    name: 'runTransactional does not look at the version row',
    group: 'transactions',
    alsoFails: ['engine'],
    change: (driver, database) => ({
      runTransactional: (steps, signal) => {
        database.state = { version: steps[0].from, dirty: false }
        return driver.runTransactional(steps, signal)
      },
    }),
  },
  {
    name: 'finishAndSend commits what it sends',
    group: 'joined steps',
    change: (driver) => {
      let sent: TransactionalStep | undefined
      return {
        beginNonTransactional: async (step, signal) => {
          const start = await driver.beginNonTransactional(step, signal)
          if (start.kind !== 'started') return start
          const finishAndSend = async (next: TransactionalStep): Promise<'sent'> => {
            await start.run.finish()
            await driver.runTransactional([next])
            sent = next
            return 'sent'
          }
          return { kind: 'started', run: { ...start.run, finishAndSend } }
        },
        runTransactional: async (steps, signal) =>
          steps[0] === sent
            ? { kind: 'applied', durationsMs: [0] }
            : driver.runTransactional(steps, signal),
      }
    },
  },
  {
    name: 'readLedger gives the newest event first',
    group: 'ledger',
    change: (driver) => ({
      readLedger: async (query) => {
        const { state, events } = (await driver.readLedger?.(query)) ?? {
          state: await driver.readState(),
          events: [],
        }
        return { state, events: events.toReversed() }
      },
    }),
  },
  {
    name: 'appendEvent does nothing',
    group: 'ledger',
    change: () => ({ appendEvent: async () => undefined }),
  },
  {
    name: 'drop leaves the marker',
    group: 'drop',
    change: (driver, database) => ({
      drop: async () => {
        const { state } = database
        const report = await driver.drop()
        database.state = state
        return report
      },
    }),
  },
  {
    name: 'runTransactional forgets the cause',
    group: 'errors',
    change: (driver) => ({
      runTransactional: async (steps, signal) => {
        try {
          return await driver.runTransactional(steps, signal)
        } catch (error) {
          throw remake(error, { withoutCause: true })
        }
      },
    }),
  },
  {
    name: 'runTransactional tells the password',
    group: 'errors',
    change: (driver) => ({
      runTransactional: async (steps, signal) => {
        try {
          return await driver.runTransactional(steps, signal)
        } catch (error) {
          throw remake(error, { message: (message) => `${message} (kit:${secret}@localhost)` })
        }
      },
    }),
  },
  {
    name: 'runTransactional does not listen to the signal',
    group: 'cancellation',
    change: (driver) => ({ runTransactional: (steps) => driver.runTransactional(steps) }),
  },
  {
    name: 'makeDurable confirms nothing',
    group: 'engine',
    change: () => ({ makeDurable: async () => ({ confirmed: false, reason: 'not asked' }) }),
  },
]
