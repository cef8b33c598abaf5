import type { GoFlagSet } from './go-flags.ts'

/** The options before the command. Their usage text is {@link formatUsage}, not that of each flag. */
export const globalFlags: GoFlagSet = {
  help: { type: 'bool', usage: '' },
  version: { type: 'bool', usage: '' },
  verbose: { type: 'bool', usage: '' },
  prefetch: { type: 'uint', usage: '', default: '10' },
  'lock-timeout': { type: 'uint', usage: '', default: '15' },
  path: { type: 'string', usage: '' },
  database: { type: 'string', usage: '' },
  source: { type: 'string', usage: '' },
}

/** A command that takes flags: its piece of the usage text, and they. */
export interface CommandUsage {
  readonly usage: string
  readonly flags: GoFlagSet
}

const help = { type: 'bool', usage: 'Print help information' } as const

/** How a version is written where no other layout is asked for. */
export const defaultTimeFormat = '20060102150405'

/** The commands that take flags. `version` takes none and looks at none of its arguments. */
export const commands: Readonly<
  Record<'create' | 'goto' | 'up' | 'down' | 'drop' | 'force', CommandUsage>
> = {
  create: {
    usage: `create [-ext E] [-dir D] [-seq] [-digits N] [-format] [-tz] NAME
\t   Create a set of timestamped up/down migrations titled NAME, in directory D with extension E.
\t   Use -seq option to generate sequential up/down migrations with N digits.
\t   Use -format option to specify a Go time format string. Note: migrations with the same time cause "duplicate migration version" error.
           Use -tz option to specify the timezone that will be used when generating non-sequential migrations (defaults: UTC).
`,
    flags: {
      help,
      ext: { type: 'string', usage: 'File extension' },
      dir: {
        type: 'string',
        usage: 'Directory to place file in (default: current working directory)',
      },
      format: {
        type: 'string',
        usage:
          'The Go time format string to use. If the string "unix" or "unixNano" is specified, then the seconds or nanoseconds since January 1, 1970 UTC respectively will be used. Caution, due to the behavior of time.Time.Format(), invalid format strings will not error',
        default: defaultTimeFormat,
      },
      tz: {
        type: 'string',
        usage: 'The timezone that will be used for generating timestamps (default: utc)',
        default: 'UTC',
      },
      seq: {
        type: 'bool',
        usage: 'Use sequential numbers instead of timestamps (default: false)',
      },
      digits: {
        type: 'int',
        usage: 'The number of digits to use in sequences (default: 6)',
        default: '6',
      },
    },
  },
  goto: { usage: 'goto V       Migrate to version V', flags: { help } },
  up: { usage: 'up [N]       Apply all or N up migrations', flags: { help } },
  down: {
    usage: `down [N] [-all]    Apply all or N down migrations
\tUse -all to apply all down migrations`,
    flags: { help, all: { type: 'bool', usage: 'Apply all down migrations' } },
  },
  drop: {
    usage: `drop [-f]    Drop everything inside database
\tUse -f to bypass confirmation`,
    flags: {
      help,
      f: { type: 'bool', usage: 'Force the drop command by bypassing the confirmation prompt' },
    },
  },
  force: {
    usage: "force V      Set version V but don't run migration (ignores dirty state)",
    flags: { help },
  },
}

/** The usage text. */
export const formatUsage = (
  sourceSchemes: readonly string[],
  databaseSchemes: readonly string[],
): string => `Usage: migrate OPTIONS COMMAND [arg...]
       migrate [ -version | -help ]

Options:
  -source          Location of the migrations (driver://url)
  -path            Shorthand for -source=file://path
  -database        Run migrations against this database (driver://url)
  -prefetch N      Number of migrations to load in advance before executing (default 10)
  -lock-timeout N  Allow N seconds to acquire database lock (default 15)
  -verbose         Print verbose logging
  -version         Print version
  -help            Print usage

Commands:
  ${commands.create.usage}
  ${commands.goto.usage}
  ${commands.up.usage}
  ${commands.down.usage}
  ${commands.drop.usage}
  ${commands.force.usage}
  version      Print current migration version

Source drivers: ${sourceSchemes.join(', ')}
Database drivers: ${databaseSchemes.join(', ')}
`
