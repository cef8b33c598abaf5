import { createMigrator, memorySource, type Migrator, type MigratorOptions } from '@mig/core'
import type {
  Driver,
  DriverSettings,
  NonTransactionalRun,
  NonTransactionalStep,
  LedgerEntry,
  LedgerEvent,
  LedgerQuery,
  PreparedStep,
} from '@mig/core/driver'
import { expect } from 'vitest'
import type { DriverTestOptions, DriverTestSql } from './options.ts'
import { resultOf } from './outcomes.ts'
import {
  startSecondProcess,
  type SecondProcessHandle,
  type SecondProcessStep,
} from './second-process.ts'
import { entryOf, stepOf, type StepInput } from './steps.ts'

/** What the tests of all groups work with: it opens drivers and closes them after each test. */
export class DriverTestKit {
  readonly options: DriverTestOptions
  readonly sql: DriverTestSql
  readonly #drivers = new Set<Driver>()
  readonly #closers: (() => Promise<void>)[] = []

  constructor(options: DriverTestOptions) {
    this.options = options
    this.sql = options.sql
  }

  /** A new driver on the database. Closed after the test, unless {@link end} did. */
  async open(settings: Partial<DriverSettings> = {}): Promise<Driver> {
    const driver = await this.options.open().open({ ledger: true, ...settings })
    this.#drivers.add(driver)
    return driver
  }

  /** A new driver whose tables are made and which holds the lock, as the engine would hand it on. */
  async prepared(settings: Partial<DriverSettings> = {}): Promise<Driver> {
    const driver = await this.open(settings)
    expect(await driver.tryLock(), 'the lock is free').toEqual({ held: true })
    await driver.prepare()
    return driver
  }

  /** A new migrator on files given as name and script. */
  async migrator(
    files: Readonly<Record<string, string>>,
    options: Partial<MigratorOptions> = {},
  ): Promise<Migrator> {
    const migrator = await createMigrator({
      lockTimeoutMs: 30_000,
      source: memorySource(files),
      ...options,
      driver: this.options.open(),
    })
    this.#closers.push(() => migrator.close())
    return migrator
  }

  /** A second process on the same database. Killed after the test. */
  async secondProcess(step?: SecondProcessStep): Promise<SecondProcessHandle> {
    const { secondProcess } = this.options
    if (secondProcess === undefined) {
      return expect.fail('the option `secondProcess` is missing, and the driver has `multiProcess`')
    }
    const handle = await startSecondProcess(secondProcess, step)
    this.#closers.push(() => handle.kill())
    return handle
  }

  /** Closes a driver before the test is over. */
  async end(driver: Driver): Promise<void> {
    this.#drivers.delete(driver)
    await driver.close()
  }

  /** Closes everything that the test opened. */
  async close(): Promise<void> {
    for (const driver of this.#drivers) await this.end(driver)
    for (const close of this.#closers.splice(0).toReversed()) await close()
  }

  /** Empties the database in the middle of a test. */
  async reset(): Promise<void> {
    await this.close()
    await this.options.reset()
  }

  /** The things the suite made, sorted, as a connection of the author's own sees them. */
  async things(): Promise<readonly string[]> {
    return (await this.options.objects()).filter((name) => name.startsWith('kit_')).toSorted()
  }

  /** Statements as a script. */
  script(...statements: readonly string[]): string {
    return statements.map((statement) => `${statement};\n`).join('')
  }

  /** A script that asks to be run statement by statement. */
  nonTransactionalScript(...statements: readonly string[]): string {
    return `-- mig: transaction=none\n${this.script(...statements)}`
  }

  /** Makes a thing inside a transaction. */
  create(name: string): string {
    return (this.sql.transactional ?? this.sql).create(name)
  }

  /** Removes a thing inside a transaction. */
  drop(name: string): string {
    return (this.sql.transactional ?? this.sql).drop(name)
  }

  comment(text: string): string {
    return this.sql.comment?.(text) ?? `-- ${text}`
  }

  /** A statement that takes its time. */
  slow(ms: number): string {
    return (
      this.sql.slow?.(ms) ??
      expect.fail('`sql.slow` is missing, and the driver has `serverCancel` or `multiProcess`')
    )
  }

  /** An entry for the ledger with the given fields. */
  entry(kind: LedgerEntry['kind'], fields: Partial<LedgerEntry> = {}): LedgerEntry {
    return entryOf(kind, fields)
  }

  /** The step of a script, for calls to the driver itself. */
  step(driver: Driver, input: StepInput): PreparedStep {
    return stepOf(driver, input)
  }

  nonTransactionalStep(driver: Driver, input: StepInput): NonTransactionalStep {
    return { ...stepOf(driver, input), reason: 'the test asks for it' }
  }

  /** Runs one step in a transaction of its own and expects it to be applied. */
  async apply(driver: Driver, input: StepInput): Promise<void> {
    const outcome = await resultOf(
      driver.runTransactional([this.step(driver, input)]),
      'runTransactional',
    )
    expect(outcome.kind, 'what came of runTransactional').toBe('applied')
  }

  /** Begins a non-transactional step and expects it to start. */
  async begin(driver: Driver, input: StepInput): Promise<NonTransactionalRun> {
    const start = await resultOf(
      driver.beginNonTransactional(this.nonTransactionalStep(driver, input)),
      'beginNonTransactional',
    )
    if (start.kind !== 'started')
      return expect.fail(`beginNonTransactional ended as "${start.kind}"`)
    return start.run
  }

  /** The ledger, read by a driver. */
  async events(driver: Driver, query: LedgerQuery = {}): Promise<readonly LedgerEvent[]> {
    const snapshot = await driver.readLedger?.(query)
    return snapshot?.events ?? expect.fail('the driver has no readLedger')
  }
}
