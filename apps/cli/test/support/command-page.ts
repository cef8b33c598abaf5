import type { CommandClass } from '../../src/oclif/base-command.ts'
import { sharedFlags } from '../../src/command-line/shared-flags.ts'
import { exitCodes } from '../../src/oclif/exit-code.ts'

type Flag = Readonly<Record<string, unknown>>
const note = `<!-- Written from the command itself by "pnpm docs:update". Change the command, not this page. -->`

const meanings: Readonly<Record<keyof typeof exitCodes, string>> = {
  done: 'done, also where there was nothing to do',
  failed: 'failed; the error says why and where the database is',
  usage: 'the command line, a setting or a config file is wrong, or a question was not answered',
  dirty: 'the database is dirty',
  lockTimeout: 'somebody else held the lock for too long',
  pending: 'something is pending',
  integrity:
    'a file was changed, is missing or out of order, or the database is ahead of the files',
  SIGINT: 'ended by SIGINT',
  SIGTERM: 'ended by SIGTERM',
}

type Outcome = keyof typeof exitCodes

const everywhere: readonly Outcome[] = ['done', 'failed', 'usage']
const writes: readonly Outcome[] = ['dirty', 'lockTimeout', 'integrity', 'SIGINT', 'SIGTERM']
const connects: readonly Outcome[] = ['SIGINT', 'SIGTERM']

/** What a command can end with, besides what every command can. */
const outcomes: Readonly<Record<string, readonly Outcome[]>> = {
  baseline: writes,
  config: [],
  create: [],
  doctor: ['dirty', 'lockTimeout', ...connects],
  down: writes,
  drivers: [],
  drop: ['lockTimeout', ...connects],
  force: ['lockTimeout', ...connects],
  goto: writes,
  history: connects,
  plan: ['dirty', 'integrity', ...connects],
  plugins: [],
  'plugins:install': [],
  'plugins:link': [],
  'plugins:uninstall': [],
  redo: writes,
  repair: writes,
  status: ['dirty', 'pending', 'integrity', ...connects],
  unlock: ['lockTimeout', ...connects],
  up: writes,
  verify: ['lockTimeout', 'integrity', ...connects],
  version: connects,
}

const flagLine = ([name, flag]: readonly [string, object]): string => {
  const { char, type, helpValue, options, summary, env } = flag as Flag
  const values = Array.isArray(options) ? options.join('|') : undefined
  const value =
    type === 'option' ? ` ${values ?? (helpValue as string | undefined) ?? 'VALUE'}` : ''
  const short = typeof char === 'string' ? `\`-${char}\`, ` : ''
  const variable = typeof env === 'string' ? ` Variable: \`${env}\`.` : ''
  return `- ${short}\`--${name}${value}\`: ${summary as string}${variable}`
}

const outcomeLine = (outcome: Outcome): string =>
  `- \`${exitCodes[outcome]}\`: ${meanings[outcome]}`

const byCode = (list: readonly Outcome[]): Outcome[] =>
  [...new Set(list)].toSorted((a, b) => exitCodes[a] - exitCodes[b])

const section = (title: string, lines: readonly string[]): string[] =>
  lines.length === 0 ? [] : ['', `## ${title}`, '', ...lines]

const page = (...lines: readonly string[]): string => `${lines.join('\n')}\n`

/** The command as it is typed. */
const wordsOf = (id: string): string => id.replaceAll(':', ' ')

/** The file of a command's page. */
export const pageFile = (id: string): string => `${id.replaceAll(':', '-')}.md`

/** The reference page of one command. */
export const commandPage = (id: string, command: CommandClass): string => {
  const name = wordsOf(id)
  const { summary = '', description, args, flags, examples = [] } = command
  const own = outcomes[id]
  if (own === undefined) throw new Error(`Say in ${import.meta.url} how "mig ${name}" can end`)
  const usage = Object.entries(args).map(([arg, { required, multiple }]) => {
    const word = `${arg.toUpperCase()}${multiple === true ? '...' : ''}`
    return required === true ? word : `[${word}]`
  })
  const shown = examples.map((example) =>
    (typeof example === 'string' ? example : example.command)
      .replaceAll('<%= config.bin %>', 'mig')
      .replaceAll('<%= command.id %>', name),
  )
  return page(
    `# mig ${name}`,
    '',
    note,
    '',
    summary,
    ...(description === undefined ? [] : ['', description]),
    '',
    '```text',
    ['mig', name, ...usage, '[FLAGS]'].join(' '),
    '```',
    ...section(
      'Arguments',
      Object.entries(args).map(
        ([arg, { description: text = '' }]) => `- \`${arg.toUpperCase()}\`: ${text}`,
      ),
    ),
    ...section('Flags', [
      ...Object.entries(flags).map(flagLine),
      ...(Object.keys(flags).length === 0 ? [] : ['']),
      'And the [flags that every command takes](README.md#flags-that-every-command-takes).',
    ]),
    ...section('Examples', shown.length === 0 ? [] : ['```text', ...shown, '```']),
    ...section('Exit codes', byCode([...everywhere, ...own]).map(outcomeLine)),
  )
}

/** The page that leads to those of the commands, with what they share. */
export const commandIndex = (commands: Readonly<Record<string, CommandClass>>): string =>
  page(
    '# The mig command',
    '',
    note,
    '',
    'Results go to stdout, progress, warnings and errors to stderr. `mig COMMAND --help` shows what these pages say.',
    ...section(
      'Commands',
      Object.entries(commands)
        .toSorted(([a], [b]) => (a < b ? -1 : 1))
        .map(
          ([name, { summary = '' }]) =>
            `- [\`mig ${wordsOf(name)}\`](${pageFile(name)}): ${summary}`,
        ),
    ),
    '',
    "Besides these there are oclif's own: `mig autocomplete`, `mig help`.",
    ...section('Flags that every command takes', [
      ...Object.entries(sharedFlags).map(flagLine),
      '- `--json`: Print one JSON object, also for an error. Variable: `MIG_JSON`.',
      '- `--help`: Show the help of the command.',
      '',
      'What each setting is called in a config file: [settings](../config.md).',
    ]),
    ...section('Exit codes', byCode(Object.keys(exitCodes) as Outcome[]).map(outcomeLine)),
    '',
    'A signal goes before all other codes, a database left dirty before the code of the error that left it so.',
  )
