import { mkdirSync, readdirSync, rmSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import type { DatabaseKind } from '@mig/testing'
import { familyOf } from './bodies.ts'
import { difference, mask, maskNanoseconds } from './compare.ts'
import { openSideDatabase, type SideDatabase } from './database.ts'
import { changeFolder, randomFolder, writeFolder, type Folder } from './folder.ts'
import { knownDifferences } from './known-differences.ts'
import type { Random } from '@mig/internal-testing'
import { runTool, type Outcome, type Tool } from '@mig/internal-testing'
import { randomStep, type Step } from './steps.ts'

/** One of the two tools, with a folder and a database of its own. */
export interface Side {
  /** Several take turns. */
  readonly tools: readonly [Tool, ...Tool[]]
  readonly folder: string
  readonly database: SideDatabase
}

/** Opens a side in a folder. */
export const openSide = async (
  kind: DatabaseKind,
  tools: readonly [Tool, ...Tool[]],
  folder: string,
): Promise<Side> => {
  mkdirSync(folder, { recursive: true })
  return { tools, folder, database: await openSideDatabase(kind, folder) }
}

/** What a step did, for the counts. */
export interface StepReport {
  readonly tags: readonly string[]
  readonly ranScript: boolean
  readonly failed: boolean
  readonly known?: string
}

interface Variant {
  readonly scheme: string
  readonly parameters: string
  /** The version table, as the database's own SQL names it. */
  readonly table: string
}

const plain = { parameters: '', table: 'schema_migrations' }

const variants: Readonly<
  Record<ReturnType<typeof familyOf>, readonly (readonly [number, Variant])[]>
> = {
  postgres: [
    [8, { ...plain, scheme: 'postgres' }],
    [2, { ...plain, scheme: 'postgresql' }],
    [3, { ...plain, scheme: 'pgx5' }],
    [2, { ...plain, scheme: 'pgx' }],
    [2, { scheme: 'postgres', parameters: 'x-multi-statement=true', table: 'schema_migrations' }],
    [1, { scheme: 'pgx5', parameters: 'x-multi-statement=1', table: 'schema_migrations' }],
    [1, { scheme: 'postgres', parameters: 'x-migrations-table=a.b', table: '"a.b"' }],
    [1, { scheme: 'postgres', parameters: 'x-migrations-table=%22other%20schema%22.%22V%22&x-migrations-table-quoted=true', table: '"other schema"."V"' }],
    [1, { scheme: 'postgres', parameters: 'search_path=%22other%20schema%22', table: '"other schema".schema_migrations' }],
    [1, { scheme: 'pgx4', parameters: 'x-lock-strategy=table', table: 'schema_migrations' }],
    [1, { scheme: 'postgres', parameters: 'x-statement-timeout=20000', table: 'schema_migrations' }],
  ],
  mysql: [
    [8, { ...plain, scheme: 'mysql' }],
    [1, { scheme: 'mysql', parameters: 'x-migrations-table=Versions', table: 'Versions' }],
    [1, { scheme: 'mysql', parameters: 'x-no-lock=true', table: 'schema_migrations' }],
    [1, { scheme: 'mysql', parameters: 'x-statement-timeout=20000', table: 'schema_migrations' }],
    [1, { scheme: 'mysql', parameters: "sql_mode=%27ANSI%27", table: 'schema_migrations' }],
  ],
  sqlite: [
    [6, { ...plain, scheme: 'sqlite' }],
    [3, { scheme: 'sqlite', parameters: 'x-no-tx-wrap=true', table: 'schema_migrations' }],
    [1, { scheme: 'sqlite', parameters: 'x-migrations-table=versions', table: 'versions' }],
    [1, { scheme: 'sqlite', parameters: '_pragma=foreign_keys(1)', table: 'schema_migrations' }],
  ],
} // prettier-ignore

const isDatabaseFile = (name: string): boolean => name.startsWith('test.db')

const listing = (folder: string): string =>
  readdirSync(folder, { recursive: true, encoding: 'utf8' })
    .filter((name) => !isDatabaseFile(name))
    .map((name) => maskNanoseconds(name))
    .toSorted()
    .join('\n')

const argsOf = (step: Step, url: string): readonly string[] => {
  const database =
    step.database === 'right'
      ? ['-database', url]
      : step.database === 'none'
        ? []
        : ['-database', step.database.url]
  return [...database, ...step.options, ...step.command]
}

/** What a session came to. */
export interface SessionResult {
  readonly reports: readonly StepReport[]
  /** Everything needed to run it again when the two differ. The session ends there. */
  readonly difference?: string
}

/** A run of steps on one folder. */
export const runSession = async (
  kind: DatabaseKind,
  sides: { readonly theirs: Side; readonly ours: Side },
  random: Random,
  steps: number,
): Promise<SessionResult> => {
  const variant = random.weighted(variants[familyOf(kind)])
  let folder = randomFolder(kind, random)
  const both = [sides.theirs, sides.ours]
  await Promise.all(both.map((side) => side.database.reset()))
  both.forEach((side) => prepareFolder(side, folder))
  const reports: StepReport[] = []
  const history: string[] = []
  while (reports.length < steps) {
    const versionTable = await sides.theirs.database.versionTable(variant.table)
    const step = randomStep({
      random,
      folder,
      version: versionTable?.version,
      dirty: versionTable?.dirty ?? false,
    })
    const url = (side: Side): string => side.database.url(variant.scheme, variant.parameters)
    history.push(
      `printf '${step.stdin.replaceAll('\n', '\\n')}' | migrate ${argsOf(
        step,
        mask(url(sides.theirs), sides.theirs.database.name),
      )
        .map(quote)
        .join(' ')}`,
    )
    const turn = reports.length
    const run = (side: Side): Promise<Outcome> => runSide(side, step, url(side), turn)
    const runBoth = (): Promise<readonly [Outcome, Outcome]> =>
      Promise.all([run(sides.theirs), run(sides.ours)])
    const [theirs, ours] = step.tags.includes('create')
      ? await withinOneSecond(both, runBoth)
      : await runBoth()
    // Where the reference itself runs on both sides there is nothing to know.
    const isOurs = sides.ours.tools[turn % sides.ours.tools.length] !== sides.theirs.tools[0]
    const known = isOurs
      ? knownDifferences.find((entry) => entry.applies({ kind, step, theirs }))
      : undefined
    const wanted = known?.expected({ kind, step, theirs }) ?? theirs
    const states = await Promise.all(both.map((side) => stateOf(side)))
    const different =
      difference({ theirs: wanted, ours }) ??
      (states[0] === states[1] || known?.statesDiffer === true ? undefined : 'database state')
    if (different !== undefined) {
      const text = describe({ different, folder, history, theirs, ours, states })
      return { reports, difference: text }
    }
    reports.push({
      tags: step.tags,
      ranScript: / \(D\)$|\(read D|migration failed| in line \d+:/m.test(
        theirs.stderr.replaceAll(/^.*<empty> \(D\)$/gm, ''),
      ),
      failed: theirs.exitCode !== 0,
      ...(known === undefined ? {} : { known: known.quirk }),
    })
    if (known?.statesDiffer === true) return { reports }
    if (random.chance(versionTable?.dirty === true ? 0.4 : 0.05)) {
      folder = changeFolder(folder, kind, random)
      const changed = folder
      both.forEach((side) => writeFolder(join(side.folder, 'm'), changed))
      history.push(`# the folder changes: ${toText(folder)}`)
    }
  }
  return { reports }
}

const filesOf = (side: Side): readonly string[] =>
  readdirSync(side.folder, { recursive: true, encoding: 'utf8' })

/** Runs `create` again where a second went by meanwhile: the two have made different versions then. */
const withinOneSecond = async <Value>(
  sides: readonly Side[],
  run: () => Promise<Value>,
): Promise<Value> => {
  for (let attempt = 0; attempt < 20; attempt++) {
    const before = sides.map((side) => new Set(filesOf(side)))
    const second = Math.floor(Date.now() / 1000)
    const result = await run()
    if (Math.floor(Date.now() / 1000) === second) return result
    for (const [index, side] of sides.entries()) {
      const added = filesOf(side).filter((name) => !before[index]?.has(name))
      const created = added.filter((name) => !isDatabaseFile(name))
      for (const name of created) rmSync(join(side.folder, name), { recursive: true, force: true })
    }
  }
  throw new Error('The two never ran within one second')
}

const prepareFolder = (side: Side, folder: Folder): void => {
  for (const name of readdirSync(side.folder)) {
    rmSync(join(side.folder, name), { recursive: true, force: true })
  }
  writeFileSync(join(side.folder, 'file'), '')
  writeFolder(join(side.folder, 'm'), folder)
}

const runSide = async (side: Side, step: Step, url: string, turn: number): Promise<Outcome> => {
  const tool = side.tools[turn % side.tools.length] ?? side.tools[0]
  const outcome = await runTool(tool, argsOf(step, url), {
    cwd: side.folder,
    stdin: step.stdin,
  })
  const hide = (text: string): string => mask(mask(text, side.folder), side.database.name)
  return { ...outcome, stdout: hide(outcome.stdout), stderr: hide(outcome.stderr) }
}

const stateOf = async (side: Side): Promise<string> => {
  const dump = await side.database.dump()
  return `${dump.replaceAll(side.database.name, '<side>')}\n${listing(side.folder)}`
}

const quote = (word: string): string => `'${word.replaceAll("'", "'\\''")}'`

const toText = ({ files, folders, links }: Folder): string =>
  JSON.stringify({
    files: [...files].map(([name, script]) => [
      name,
      script.length > 500 ? `${script.slice(0, 200)}… (${script.length} characters)` : script,
    ]),
    folders,
    links,
  })

interface Failure {
  readonly different: string
  readonly folder: Folder
  readonly history: readonly string[]
  readonly theirs: Outcome
  readonly ours: Outcome
  readonly states: readonly (string | undefined)[]
}

const describe = ({ different, folder, history, theirs, ours, states }: Failure): string =>
  [
    `golang-migrate and migrate differ: ${different}`,
    `folder m: ${toText(folder)}`,
    ...history,
    `theirs: exit ${theirs.exitCode}\n${theirs.stderr}`,
    `ours: exit ${ours.exitCode}\n${ours.stderr}`,
    ...(states[0] === states[1] ? [] : [`their state: ${states[0]}`, `our state: ${states[1]}`]),
  ]
    .join('\n')
    .replace(/\b(?:long ){5,}/g, 'long … ')
