import { parseArgs } from 'node:util'
import type { BenchDatabaseKind } from './databases.ts'
import { benchDatabaseKinds } from './databases.ts'
import { allTools } from './tools/all-tools.ts'
import type { Tool } from './tools/tool.ts'
import { allWorkloads, quickWorkloads } from './workloads/all-workloads.ts'
import type { Workload } from './workloads/workload.ts'

/** What is measured, and where the report goes. */
export interface BenchOptions {
  readonly workloads: readonly Workload[]
  readonly databases: readonly BenchDatabaseKind[]
  readonly tools: readonly Tool[]
  readonly rounds: number
  readonly timeoutMs: number
  readonly keepMig: boolean
  /** Folder of the report, or `null` to print it only. */
  readonly output: string | null
  /** Keeps what an earlier report in the folder has of other workloads. */
  readonly add: boolean
}

export const usage = `Usage: pnpm bench [options]

Runs every workload with every tool and database that this machine has, and writes
docs/benchmarks.md, docs/benchmarks.json and docs/benchmarks.svg. Narrowed by an option it prints
the report and writes nothing, unless told where to.

  --only LIST        workloads, by id or by what stands before the first hyphen
  --databases LIST   ${benchDatabaseKinds.join(', ')}
  --tools LIST       names of tools; mig and golang-migrate are what ratios need
  --rounds N         alternating runs of each (default 5)
  --quick            only workloads of seconds, three rounds
  --timeout SECONDS  longest run (default 900)
  --output FOLDER    where the report goes
  --add              keep what the report there has of other workloads; the same machine is up to you
  --keep-mig         measure the mig that an earlier run packed
  --list             show workloads and tools
  --help

LIST is separated by commas.`

/** A command line that cannot be followed. */
export class UsageError extends Error {
  override readonly name: string = 'UsageError'
}

/** Reads the command line. `list` and `help` are answered by the caller. */
export function readOptions(
  args: readonly string[],
  defaultOutput: string,
): BenchOptions | 'list' | 'help' {
  const { values } = parse(args)
  if (values.help) return 'help'
  if (values.list) return 'list'
  const narrowed = [values.only, values.databases, values.tools, values.rounds, values.quick].some(
    (value) => value !== undefined,
  )
  return {
    workloads: choose(
      'workload',
      values.quick ? allWorkloads.filter(({ id }) => quickWorkloads.has(id)) : allWorkloads,
      values.only,
      ({ id }, text) => id === text || id.split('-')[0] === text,
    ),
    databases: choose(
      'database',
      benchDatabaseKinds,
      values.databases,
      (kind, text) => kind === text,
    ),
    tools: choose('tool', allTools, values.tools, ({ name }, text) => name === text),
    rounds: positive('rounds', values.rounds ?? (values.quick ? '3' : '5')),
    timeoutMs: positive('timeout', values.timeout ?? '900') * 1000,
    keepMig: values['keep-mig'] ?? false,
    output: values.output ?? (narrowed && values.add !== true ? null : defaultOutput),
    add: values.add ?? false,
  }
}

function parse(args: readonly string[]) {
  try {
    return parseArgs({
      args: [...args],
      options: {
        only: { type: 'string' },
        databases: { type: 'string' },
        tools: { type: 'string' },
        rounds: { type: 'string' },
        quick: { type: 'boolean' },
        timeout: { type: 'string' },
        output: { type: 'string' },
        add: { type: 'boolean' },
        'keep-mig': { type: 'boolean' },
        list: { type: 'boolean' },
        help: { type: 'boolean' },
      },
    })
  } catch (error) {
    throw new UsageError(error instanceof Error ? error.message : String(error), { cause: error })
  }
}

function choose<T>(
  what: string,
  all: readonly T[],
  list: string | undefined,
  matches: (item: T, text: string) => boolean,
): readonly T[] {
  if (list === undefined) return all
  const wanted = list.split(',').map((text) => text.trim())
  for (const text of wanted) {
    if (!all.some((item) => matches(item, text))) {
      throw new UsageError(`there is no ${what} "${text}"; --list shows what there is`)
    }
  }
  return all.filter((item) => wanted.some((text) => matches(item, text)))
}

function positive(name: string, text: string): number {
  const value = Number(text)
  if (!Number.isInteger(value) || value < 1) {
    throw new UsageError(`--${name} is "${text}", not a number from 1 on`)
  }
  return value
}
