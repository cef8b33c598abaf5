import type { DatabaseKind } from '@mig/testing'
import type { Outcome } from '@mig/internal-testing'
import type { Step } from './steps.ts'

/** A step that has been run by both. */
interface StepResult {
  readonly kind: DatabaseKind
  readonly step: Step
  /** Masked: durations, times and the names of the databases. */
  readonly theirs: Outcome
}

/** A deviation from golang-migrate that is meant, with what we do instead. */
export interface KnownDifference {
  /** Number in the list of quirks, or what it is about. */
  readonly quirk: string
  /** The words by which the page on coming from golang-migrate tells of a difference that has no number. */
  readonly page?: string
  applies(result: StepResult): boolean
  /** Our outcome, made of theirs. It is compared like any other. */
  expected(result: StepResult): Outcome
  /** Whether the two databases are different afterwards. */
  readonly statesDiffer?: boolean
}

const succeeded = (lines: string): Outcome => ({ exitCode: 0, stdout: '', stderr: lines })

/** All of them. A difference that is not here fails the suite. */
export const knownDifferences: readonly KnownDifference[] = [
  {
    quirk: 'version: a build without a release number prints "dev"',
    page: '`migrate -version` prints the release it follows, `4.20.0`',
    applies: ({ theirs }) => theirs.exitCode === 0 && theirs.stderr === 'dev\n',
    expected: () => succeeded('4.20.0\n'),
  },
  {
    quirk: 'Q-35: the list of drivers; ours has SQLite under both its names',
    applies: ({ theirs }) =>
      /^Database drivers: .*sqlite$|^Database drivers: .*sqlite, /m.test(theirs.stderr),
    expected: ({ theirs }) => ({
      ...theirs,
      stderr: theirs.stderr.replace(/^(Database drivers: .*\bsqlite)\b/m, '$1, sqlite3'),
    }),
  },
  {
    quirk: 'Q-61: drop fails on tables that belong to SQLite itself or to a virtual table',
    applies: ({ kind, step, theirs }) =>
      kind === 'sqlite' &&
      step.command[0] === 'drop' &&
      /table sqlite_\w+ may not be dropped|no such table: (\w+) \(1\) in line 0: DROP TABLE \1/.test(
        theirs.stderr,
      ),
    expected: ({ step, theirs }) => {
      const log = step.options.some((option) => option.includes('verbose'))
      const before = theirs.stderr.replace(/^(?:T )?error: [^]*$/m, '')
      return succeeded(
        log ? `${before}T Finished after D\nT Closing source and database\n` : before,
      )
    },
    statesDiffer: true,
  },
  {
    quirk: 'Q-23: a password in a source URL is masked',
    applies: ({ theirs }) => theirs.stderr.includes('gone://u:pw@h/x'),
    expected: ({ theirs }) => ({ ...theirs, stderr: theirs.stderr.replaceAll(':pw@', ':***@') }),
  },
  {
    quirk: 'SQLite: modernc calls a file that cannot be opened "out of memory"',
    page: '`unable to open database file (14)`, without `out of memory`',
    applies: ({ theirs }) =>
      theirs.stderr.includes('unable to open database file: out of memory (14)'),
    expected: ({ theirs }) => ({
      ...theirs,
      stderr: theirs.stderr.replace(': out of memory (14)', ' (14)'),
    }),
  },
]
