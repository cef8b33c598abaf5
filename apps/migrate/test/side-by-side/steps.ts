import type { Folder } from './folder.ts'
import type { Random } from '@mig/internal-testing'

/** One call of the tool. */
export interface Step {
  /** What comes before the command, but for the database. */
  readonly options: readonly string[]
  /** How the database is given: as it should be, or as this text, or not at all. */
  readonly database: 'right' | 'none' | { readonly url: string }
  readonly command: readonly string[]
  readonly stdin: string
  /** What is counted: commands and options. */
  readonly tags: readonly string[]
}

/** What the next step is chosen from. */
export interface StepInput {
  readonly random: Random
  readonly folder: Folder
  /** Version row before the step, where it could be read. */
  readonly version: bigint | undefined
  readonly dirty: boolean
}

interface Command {
  readonly words: readonly string[]
  readonly stdin?: string
  readonly tags: readonly string[]
}

const answers: readonly [string, ...string[]] = [
  'y\n',
  'Y\n',
  ' y \n',
  'y z\n',
  'yes\n',
  'n\n',
  '\n',
  '',
  'y',
]

const count = (random: Random): string =>
  random.weighted([
    [20, () => String(1 + random.below(3))],
    [2, () => '5'],
    [2, () => '0'],
    [1, () => '100'],
    [1, () => '18446744073709551615'],
    [1, () => random.pick(['abc', '-1', '+1', '1.5', '', '18446744073709551616'])],
  ])()

const someVersion = ({ folder, random }: StepInput): string => {
  const known = folder.versions[random.below(folder.versions.length)]
  return random.weighted([
    [24, () => String(known ?? 1n)],
    [2, () => String(random.below(12))],
    [1, () => '18446744073709551615'],
    [1, () => random.pick(['abc', '', '1e3', '0x1', '007'])],
  ])()
}

const forced = (input: StepInput): readonly string[] => {
  const { random, folder, version } = input
  const index = folder.versions.findIndex((candidate) => candidate === version)
  const before = folder.versions[index - 1] ?? -1n
  return random.weighted([
    [6, () => ['--', String(before)]],
    [4, () => ['--', String(version ?? -1n)]],
    [3, () => [someVersion(input)]],
    [1, () => ['--', '-1']],
    [1, () => ['-1']],
    [1, () => ['--', random.pick(['-2', 'abc', '', '9223372036854775808', '9223372036854775807'])]],
    [1, () => []],
  ])()
}

const createWords = (random: Random): Command => {
  const words: string[] = []
  const tags = ['create']
  const add = (tag: string, ...more: string[]): void => {
    words.push(...more)
    tags.push(tag)
  }
  if (random.chance(0.93)) {
    add('create -ext', '-ext', random.pick(['sql', '.sql', '..sql', 'sql', 'tar.gz']))
  }
  if (random.chance(0.7)) {
    add(
      'create -dir',
      `-dir=${random.pick(['out', './out/', 'out/../out', 'deep/er/out', 'out/[a', 'file'])}`,
    )
  }
  if (random.chance(0.5))
    add('create -seq', random.pick(['-seq', '--seq', '-seq=true', '-seq=maybe']))
  if (random.chance(0.4)) {
    add(
      'create -digits',
      '-digits',
      random.pick(['6', '4', '1', '0', '-1', '0x8', '1_0', 'six', '99999999999999999999']),
    )
  }
  if (random.chance(0.3)) {
    add(
      'create -format',
      '-format',
      random.pick(['unix', 'unixNano', '20060102', '2006', '', 'Jan_2_06 PM', '20060102150405']),
    )
  }
  if (random.chance(0.3)) {
    add(
      'create -tz',
      '-tz',
      random.pick([
        'UTC',
        'Europe/Berlin',
        'Asia/Kolkata',
        '',
        'Local',
        'Mars/Base',
        '../etc',
        'America/Sao_Paulo',
      ]),
    )
  }
  if (random.chance(0.95)) words.push(random.pick(['name', 'add users', 'x.y', 'ünï']))
  return { words: ['create', ...words], tags }
}

const commandsWithHelp: readonly [string, ...string[]] = [
  'create',
  'goto',
  'up',
  'down',
  'drop',
  'force',
]

const helpWords = (random: Random): Command => {
  const name = random.pick(commandsWithHelp)
  const flag = random.pick([
    '-help',
    '--help',
    '-h',
    '-h',
    '--h',
    '-help=true',
    '-x',
    '-help=2',
    '---x',
    '-=',
  ])
  return {
    words: [name, flag],
    tags: [
      flag.endsWith('-h')
        ? 'command -h'
        : flag.includes('help')
          ? 'command -help'
          : 'command flag error',
    ],
  }
}

const chooseCommand = (input: StepInput): Command => {
  const { random, dirty, folder, version } = input
  // Where there is nothing to do in one direction the other one is the likelier.
  const canGoUp = version !== folder.versions.at(-1)
  const canGoDown = version !== undefined && version !== -1n
  const upward = canGoUp ? 1.3 : 0.2
  const downward = canGoDown ? 1.3 : 0.2
  const force = (): Command => ({ words: ['force', ...forced(input)], tags: ['force'] })
  if (dirty && random.chance(0.85)) return force()
  return random.weighted<() => Command>([
    [12 * upward, () => ({ words: ['up'], tags: ['up'] })],
    [28 * upward, () => ({ words: ['up', count(random)], tags: ['up N'] })],
    [17, () => ({ words: ['goto', someVersion(input)], tags: ['goto'] })],
    [18 * downward, () => ({ words: ['down', count(random)], tags: ['down N'] })],
    [4, () => ({ words: ['down', '-all'], tags: ['down -all'] })],
    [4, () => ({ words: ['down'], stdin: random.pick(answers), tags: ['down'] })],
    [
      2,
      () => ({
        words: ['down', ...random.pick(['-all 1', '1 -all', '1 2', '-all=0 1']).split(' ')],
        tags: ['down misuse'],
      }),
    ],
    [4, force],
    [
      5,
      () => ({ words: ['version', ...(random.chance(0.3) ? ['-x', 'y'] : [])], tags: ['version'] }),
    ],
    [2, () => ({ words: ['drop', '-f'], tags: ['drop -f'] })],
    [2, () => ({ words: ['drop'], stdin: random.pick(answers), tags: ['drop'] })],
    [9, () => createWords(random)],
    [7, () => helpWords(random)],
    [2, () => ({ words: [random.pick(['frobnicate', 'Up', ''])], tags: ['unknown command'] })],
    [2, () => ({ words: [], tags: ['no command'] })],
    [2.2, () => ({ words: ['goto'], tags: ['goto misuse'] })],
    [2.2, () => ({ words: ['up', '1', 'extra', '-verbose'], tags: ['up extra'] })],
  ])()
}

const badDatabases: readonly [string, ...string[]] = [
  'nope://x', 'nocolon', ':x', 'NOPE:', 'postgres://h:p/x', 'mysql://nothing', 'sqlite:///nowhere/at/all.db', 'stub://',
  'postgres://127.0.0.1:1/x?sslmode=disable', 'mysql://u@tcp(127.0.0.1:1)/x', 'postgres://h/x?x-multi-statement=si',
  'mysql://u@tcp(127.0.0.1:1)/x?x-no-lock=si', 'mysql://u@tcp(1/x', 'sqlite:///tmp?x-no-tx-wrap=si', 'pgx5://[x/y',
  'postgres://h/x?x-migrations-table=a&x-migrations-table-quoted=1', 'postgres://h/x?x-statement-timeout=1s',
] // prettier-ignore

interface Globals {
  readonly options: readonly string[]
  readonly tags: readonly string[]
}

const sourceWords = (random: Random): Globals =>
  random.weighted<() => Globals>([
    [12, () => ({ options: ['-path', 'm'], tags: ['-path'] })],
    [2, () => ({ options: ['-path=./m'], tags: ['-path'] })],
    [2, () => ({ options: ['-source', 'file://m'], tags: ['-source'] })],
    [
      1,
      () => ({ options: ['--source=file://./m/../m?x=y#z', '-path', 'nope'], tags: ['-source'] }),
    ],
    [0.4, () => ({ options: [], tags: ['no source'] })],
    [
      0.4,
      () => ({
        options: [
          '-path',
          random.pick(['nope', 'a b/c', 'a:b', 'file', 'm%20', 'm%', 'm#x', '[x']),
        ],
        tags: ['bad source'],
      }),
    ],
    [
      0.4,
      () => ({
        options: [
          '-source',
          random.pick(['m', 'x://y', ':', 'FILE://m', 'file:m', 'file:nope', 'gone://u:pw@h/x']),
        ],
        tags: ['bad source'],
      }),
    ],
  ])()

const extraWords = (random: Random): readonly Globals[] => {
  const extras: Globals[] = []
  const add = (chance: number, tag: string, ...options: string[]): void => {
    if (random.chance(chance)) extras.push({ options, tags: [tag] })
  }
  add(0.12, '-verbose', random.pick(['-verbose', '--verbose', '-verbose=true', '-verbose=1']))
  add(0.06, '-prefetch', '-prefetch', random.pick(['0', '1', '2', '10', '0x10', '1_0', '5']))
  add(0.06, '-lock-timeout', `-lock-timeout=${random.pick(['1', '5', '15', '0b111', '017'])}`)
  add(0.02, '-version', '-version')
  add(0.02, '-help', random.pick(['-help', '--help', '-help=T']))
  add(0.02, '-h', random.pick(['-h', '--h']))
  add(
    0.02,
    'flag error',
    random.pick([
      '-x',
      '-verbose=si',
      '-prefetch=-1',
      '-prefetch=99999999999999999999',
      '-lock-timeout=1s',
      '--=x',
      '---path',
      '-1',
    ]),
  )
  add(0.02, 'flag without value', random.pick(['-path', '-lock-timeout', '--database']))
  return extras
}

/** The next step. */
export const randomStep = (input: StepInput): Step => {
  const { random } = input
  const command = chooseCommand(input)
  const isCreate = command.tags.includes('create')
  const parts = [
    ...(isCreate && random.chance(0.6) ? [] : [sourceWords(random)]),
    ...extraWords(random),
  ]
  const database = random.weighted<() => Step['database']>([
    [40, () => 'right'],
    [1, () => 'none'],
    [1.6, () => ({ url: random.pick(badDatabases) })],
  ])()
  const databaseTag =
    database === 'right' ? '-database' : database === 'none' ? 'no database' : 'bad database'
  return {
    options: parts.flatMap(({ options }) => options),
    database,
    command: command.words,
    stdin: command.stdin ?? '',
    tags: [...command.tags, databaseTag, ...parts.flatMap(({ tags }) => tags)],
  }
}
