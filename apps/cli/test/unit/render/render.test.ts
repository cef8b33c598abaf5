import { MigrateError } from '@mig/core'
import { describe, expect, test } from 'vitest'
import { renderDrivers } from '../../../src/render/drivers.ts'
import { renderError, renderExcerpt } from '../../../src/render/error.ts'
import { renderPlan } from '../../../src/render/plan.ts'
import { nextProgress, renderLive, renderPlain } from '../../../src/render/progress.ts'
import { renderRun } from '../../../src/render/result.ts'
import { renderStatus } from '../../../src/render/status.ts'
import { createStyle, showsUnicode, wantsColor, type Style } from '../../../src/render/style.ts'
import { count, elapsed, field, printable, shown } from '@mig/app-kit/terminal'
import { columns, truncate, width } from '../../../src/render/columns.ts'
import type {
  PlannedStepReport,
  RunReport,
  StatusEntryReport,
  StepReport,
} from '../../../src/reports/reports.ts'

const plain = createStyle({ color: false, unicode: true })
const ascii = createStyle({ color: false, unicode: false })
const colored = createStyle({ color: true, unicode: true })

const step = (version: string, more: Partial<StepReport> = {}): StepReport => ({
  version,
  direction: 'up',
  title: `m${version}`,
  file: `${version}_m${version}.up.sql`,
  kind: 'transactional',
  durationMs: 12,
  ...more,
})

const run = (steps: readonly StepReport[], more: Partial<RunReport> = {}): RunReport => ({
  dryRun: false,
  database: 'app',
  from: { version: null, dirty: false },
  to: { version: '2', dirty: false },
  steps,
  durable: true,
  notDurableReason: null,
  durationMs: 1234,
  ...more,
})

const rendered = (report: RunReport, style: Style): string => [...renderRun(report, style)].join('')

describe('results', () => {
  test('one and many', () => {
    expect(rendered(run([step('1')]), plain)).toMatchInlineSnapshot(`
      "  ✓  up  1  1_m1.up.sql  12 ms
      Applied 1 migration in 1.2 s: none → 2.
      "
    `)
    expect(rendered(run([step('9'), step('10', { durationMs: 61_000 })]), ascii))
      .toMatchInlineSnapshot(`
      "  +  up  9   9_m9.up.sql    12 ms
        +  up  10  10_m10.up.sql  1 min 1 s
      Applied 2 migrations in 1.2 s: none -> 2.
      "
    `)
  })
  test('down, both ways, without a file, and not confirmed', () => {
    const down = step('2', { direction: 'down', file: null, kind: 'empty' })
    expect(rendered(run([down]), plain)).toMatchInlineSnapshot(`
      "  ✓  down  2  m2 (no file, nothing ran)  12 ms
      Reverted 1 migration in 1.2 s: none → 2.
      "
    `)
    expect(rendered(run([down, step('2')]), plain)).toContain(
      'Reverted 1 migration and applied 1 migration in 1.2 s',
    )
    expect(rendered(run([down], { notDurableReason: 'no standby' }), plain)).toContain(
      'Not confirmed on disk: no standby',
    )
  })
})

describe('plans', () => {
  const planned = (version: string, more: Partial<PlannedStepReport> = {}): PlannedStepReport => ({
    version,
    direction: 'up',
    title: 'x',
    file: `${version}_x.up.sql`,
    kind: 'transactional',
    reason: 'all of it can run in one transaction',
    statements: [{ command: 'CREATE TABLE', line: 3, text: 'create table\n  x (i int)' }],
    ...more,
  })
  const plan = (steps: readonly PlannedStepReport[]): Parameters<typeof renderPlan>[0] => ({
    dryRun: true,
    database: 'app',
    from: { version: null, dirty: false },
    to: { version: '2', dirty: false },
    steps,
  })
  test('one and many, short and whole', () => {
    expect(renderPlan(plan([planned('1')]), plain, { verbose: true })).toMatchInlineSnapshot(`
      "up  1  1_x.up.sql  transactional  1 statement
          all of it can run in one transaction
            line 3
              create table
                x (i int)

      1 step would run: none → 2. Nothing was changed.
      "
    `)
    const two = [planned('1'), planned('10', { kind: 'refused', reason: 'no end', statements: [] })]
    expect(renderPlan(plan(two), ascii, { verbose: false })).toMatchInlineSnapshot(`
      "up  1   1_x.up.sql   transactional  1 statement
          all of it can run in one transaction
            line 3  CREATE TABLE
      up  10  10_x.up.sql  refused        0 statements
          no end

      1 step of 2 would be refused: none -> 2. Nothing was changed.
      "
    `)
  })
  test('nothing', () => {
    expect(renderPlan(plan([]), plain, { verbose: false })).toBe(
      'Nothing to do: nothing is applied.\n',
    )
  })
})

describe('status', () => {
  const entry = (version: string, more: Partial<StatusEntryReport> = {}): StatusEntryReport => ({
    version,
    title: 'x',
    status: 'applied',
    up: 'x',
    down: 'x',
    current: false,
    missing: false,
    dirty: false,
    changed: false,
    irreversible: false,
    applied: null,
    ...more,
  })
  const status = (
    version: string | null,
    migrations: readonly StatusEntryReport[],
    more: object = {},
  ): string => {
    const pending = migrations.filter(({ status: word }) => word === 'pending').length
    const state = { version, dirty: false }
    return renderStatus(
      {
        database: 'app',
        state,
        ledger: true,
        pending,
        outOfOrder: 0,
        changed: 0,
        missing: 0,
        migrations,
        nearMisses: [],
        ...more,
      },
      ascii,
    )
  }
  test('applied, pending, missing, without a down file, with near misses', () => {
    const entries = [
      entry('1', { down: null, irreversible: true }),
      entry('2', { missing: true, current: true }),
      entry('30', { status: 'pending' }),
    ]
    expect(status('2', entries, { nearMisses: ['V1__a.sql'] })).toMatchInlineSnapshot(`
      "    +  1   applied       x (irreversible: no down file)
      ->  x  2   file missing  x
          o  30  pending       x

      1 file not taken for a migration: V1__a.sql
      At version 2, and no file has that version. Deploy the missing files, or check --path.
      "
    `)
  })
  test('any number of versions', () => {
    const many = Array.from({ length: 150_000 }, (_, index) => entry(String(index + 1)))
    const text = status('150000', many)
    expect(text.split('\n')).toHaveLength(many.length + 3)
  })
  test('the last line says what to do', () => {
    const pending = (version: string): StatusEntryReport => entry(version, { status: 'pending' })
    expect(status(null, [pending('1')])).toContain(
      'Nothing applied, 1 pending. Run "mig up" to apply it.',
    )
    expect(status('1', [entry('1'), pending('2'), pending('3')])).toContain(
      'At version 1, 2 pending. Run "mig up" to apply them.',
    )
    expect(status('1', [entry('1')])).toContain('At version 1, nothing pending.')
    expect(status(null, [])).toBe(
      'Nothing applied, and there is no migration. Run "mig create NAME".\n',
    )
  })
})

describe('errors', () => {
  test('an excerpt keeps tabs, and is cut around a column far to the right', () => {
    expect(renderExcerpt('\tselect 1', 7, 2, plain)).toEqual(['    7 | \tselect 1', '      | \t^'])
    const long = `${'x'.repeat(500)}!${'y'.repeat(500)}`
    const [line = '', caret = ''] = renderExcerpt(long, 1, 501, plain)
    expect(Array.from(line)[caret.indexOf('^')]).toBe('!')
    expect(line.length).toBeLessThan(180)
  })
  test('the caret stands below its character, however wide those before it are', () => {
    const [line = '', caret = ''] = renderExcerpt("select '😀' frm", 1, 12, plain)
    expect(line.slice(line.indexOf('frm'))).toBe('frm')
    expect(caret.indexOf('^')).toBe(width(line.slice(0, line.indexOf('frm'))))
  })
  test('text of a server cannot move the cursor', () => {
    const error = new MigrateError('DATABASE_FAILED', 'bad \u001b[2J\u0007 message')
    expect(renderError(error, { verbose: false }, plain)).toBe('Error: bad \\x1b[2J\\x07 message\n')
  })
  test('a state that could not be read back is said to be unknown', () => {
    const error = new MigrateError('CONNECTION_LOST', 'The connection broke', {
      details: { applied: [], state: null, unconfirmed: 'the server is gone' },
    })
    expect(renderError(error, { verbose: false }, plain)).toMatchInlineSnapshot(`
      "Error: The connection broke
        done      nothing
        database  its state could not be read back
        not sure  the server is gone
        next      Look at "mig status" when the database answers again.
      "
    `)
  })
  test('--verbose shows the code and the causes', () => {
    const cause = new Error('from the client')
    const error = new MigrateError('DATABASE_FAILED', 'It failed', { cause })
    const text = renderError(error, { verbose: true }, plain)
    expect(text).toContain('DATABASE_FAILED')
    expect(text).toMatch(/^Error: from the client\n {6}at /m)
  })
})

describe('progress', () => {
  const started = {
    type: 'step-started',
    version: 3n,
    direction: 'up',
    title: 'add_index',
    kind: 'non-transactional',
    step: 2,
    steps: 5,
    statements: 4,
  } as const
  test('the live line shows the step, the statement and the time', () => {
    let state = nextProgress(undefined, started)
    state = nextProgress(state, { type: 'statement-finished', statement: 2, statements: 4 })
    expect(state && renderLive(state, { ms: 2345, columns: 80, frame: 3 }, ascii)).toBe(
      '\\ 2/5 up 3 add_index - statement 3 of 4 - 2.3 s',
    )
    expect(state && renderLive(state, { ms: 2345, columns: 20, frame: 0 }, plain)).toHaveLength(19)
  })
  test('a plain line per step, and one when it waits', () => {
    expect(renderPlain(started)).toBe('[2/5] up 3 add_index')
    expect(renderPlain({ type: 'lock-waiting', holder: 'x' })).toBe(
      'Waiting for the lock, held by x',
    )
    expect(renderPlain({ type: 'lock-acquired', waitedMs: 1500 })).toBe('Got the lock after 1.5 s')
    expect(renderPlain({ type: 'connection-waiting', attempt: 2, message: 'x' })).toBeUndefined()
  })
})

test('drivers, with one that is not used and one that is broken', () => {
  const driver = { name: 'pg', schemes: ['pg', 'postgres'], version: '1.0.0' }
  expect(
    renderDrivers(
      {
        drivers: [
          { ...driver, package: 'a', origin: 'project', shadowedBy: null },
          { ...driver, package: 'b', origin: 'bundled', shadowedBy: 'a (project)' },
        ],
        failures: [{ package: 'c', origin: 'plugin', message: 'boom' }],
      },
      plain,
    ),
  ).toMatchInlineSnapshot(`
    "pg  pg:// postgres://  a 1.0.0  project
    pg  pg:// postgres://  b 1.0.0  bundled  not used: a (project) goes before it
    c (plugin) cannot be loaded: boom
    "
  `)
})

test('small texts', () => {
  expect([count(0, 'step'), count(1, 'step'), count(2, 'step')]).toEqual([
    '0 steps',
    '1 step',
    '2 steps',
  ])
  expect([0, 999, 1000, 59_949, 59_950, 125_000].map(elapsed)).toEqual([
    '0 ms',
    '999 ms',
    '1.0 s',
    '59.9 s',
    '1 min 0 s',
    '2 min 5 s',
  ])
  expect(
    columns([
      [shown`a`, shown`b`],
      [colored.red(shown`ccc`), shown`d`],
    ]),
  ).toEqual(['a    b', '\u001b[31mccc\u001b[39m  d'])
  expect(truncate(shown`abcdef`, 4, shown`...`)).toBe('a...')
  // Two columns each, and never half of one; a letter with its accent is one.
  expect(truncate(shown`日本語日本語`, 7, shown`…`)).toBe('日本語…')
  expect(truncate(shown`e\u0301e\u0301e\u0301`, 2, shown`…`)).toBe('e\u0301…')
  expect(printable('a\r\nb\tc')).toBe('a\nb\tc')
})

test('columns are as wide as a terminal shows them', () => {
  expect(['abc', '日本', 'e\u0301', '👩‍👩‍👧', '✓ →', colored.red(shown`日`)].map(width)).toEqual([
    3, 4, 1, 2, 3, 2,
  ])
  expect(
    columns([
      [shown`日本`, shown`x`],
      [shown`abcde`, shown`y`],
    ]),
  ).toEqual(['日本   x', 'abcde  y'])
})

test('text of others cannot speak to the terminal, nor pass for a line of ours', () => {
  expect(field('a\u001b[2K\r\nb\tc\u009b\u202e\u2028\u0085\u007f')).toBe(
    'a\\x1b[2K\\r\\nb\\tc\\x9b\\u202e\\u2028\\x85\\x7f',
  )
  expect(printable('one\r\ntwo\u001b\tx\rthree', '  ')).toBe('one\n  two\\x1b\tx\\rthree')
})

test('colours and characters fit the terminal', () => {
  expect(wantsColor({}, true, false)).toBe(true)
  expect(wantsColor({}, false, false)).toBe(false)
  expect(wantsColor({ NO_COLOR: '' }, true, false)).toBe(true)
  expect(wantsColor({ NO_COLOR: '1', FORCE_COLOR: '1' }, true, false)).toBe(false)
  expect(wantsColor({ FORCE_COLOR: '1' }, false, false)).toBe(true)
  expect(wantsColor({ FORCE_COLOR: '0' }, true, false)).toBe(false)
  expect(wantsColor({ TERM: 'dumb' }, true, false)).toBe(false)
  expect(wantsColor({}, true, true)).toBe(false)
  expect(showsUnicode({ LANG: 'de_DE.UTF-8' })).toBe(process.platform !== 'win32')
  expect(showsUnicode({ LC_ALL: 'C', LANG: 'de_DE.UTF-8' })).toBe(false)
})
