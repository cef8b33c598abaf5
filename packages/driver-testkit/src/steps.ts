import type { Driver, LedgerEntry, PreparedStep, Version } from '@mig/core/driver'

/** What a step is made of, as far as it matters to a test. */
export interface StepInput {
  readonly script: string
  /** Default is `1n`. */
  readonly version?: Version
  /** Default is `up`. */
  readonly direction?: 'up' | 'down'
  /** The version row before it. Default is `null`. */
  readonly from?: Version | null
  /** The version row after it. Default is `version`. */
  readonly to?: Version | null
}

/** A ledger entry with nothing but what every entry has. */
export const entryOf = (
  kind: LedgerEntry['kind'],
  fields: Partial<LedgerEntry> = {},
): LedgerEntry => ({
  kind,
  runId: '00000000-0000-4000-8000-000000000001',
  version: null,
  direction: null,
  title: '',
  from: null,
  to: null,
  dirty: false,
  statement: null,
  statements: null,
  durationMs: null,
  checksum: null,
  actor: 'kit@localhost',
  tool: 'driver-testkit',
  line: null,
  column: null,
  errorCode: null,
  message: null,
  details: null,
  ...fields,
})

/** Cuts a script and makes the step of it that the engine would hand to the driver. */
export const stepOf = (driver: Pick<Driver, 'split'>, input: StepInput): PreparedStep => {
  const { script, version = 1n, direction = 'up', from = null } = input
  const to = input.to === undefined ? version : input.to
  const parsed = driver.split(script)
  const title = 'kit'
  const place = { version, direction, title, from, to }
  return {
    ...place,
    file: `${version}_${title}.${direction}.sql`,
    script,
    parsed,
    entry: entryOf(direction === 'up' ? 'applied' : 'reverted', {
      ...place,
      statements: parsed.statements.length,
      checksum: 'c'.repeat(64),
    }),
  }
}
