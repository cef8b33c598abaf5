import type { TestDatabase } from '@mig/testing'
import type { Contender } from './alternate.ts'
import type { BenchDatabaseKind } from './databases.ts'
import { countItemTables, freshDatabase, targetOf } from './databases.ts'
import type { DelayProxy } from './delay-proxy.ts'
import type { Command, Surroundings } from './measure.ts'
import { measure, RunFailedError } from './measure.ts'
import type { MigrationSet } from './migrations.ts'
import type { Operation, ReadyTool, Unsupported } from './tools/tool.ts'
import type { Workload } from './workloads/workload.ts'

/** What a contender is made of. */
export interface ToolRun {
  readonly name: string
  readonly ready: ReadyTool
  readonly workload: Workload
  readonly kind: BenchDatabaseKind
  readonly set: MigrationSet
  /** The migrations in the tool's layout. */
  readonly folder: string
  readonly proxy: DelayProxy | undefined
  readonly surroundings: Surroundings
}

/** Makes a contender of a tool, with a database of its own for each run that changes one. */
export function toolContender(run: ToolRun): Contender {
  const { name, workload } = run
  let database: TestDatabase | undefined
  let countBefore = 0

  async function drop(): Promise<void> {
    await database?.drop()
    database = undefined
  }

  return {
    name,
    async before() {
      if (database === undefined) {
        database = await freshDatabase(run.kind)
        if (workload.start !== 'empty') {
          await measure(commandOf(run, 'up', database), run.surroundings)
          await check(run, 'up', database)
        }
      }
      countBefore = run.proxy?.roundTrips() ?? 0
      return commandOf(run, workload.operation, database)
    },
    async after() {
      const roundTrips = run.proxy === undefined ? null : run.proxy.roundTrips() - countBefore
      if (database === undefined) return roundTrips
      await check(run, workload.operation, database)
      if (workload.start !== 'applied-once') await drop()
      return roundTrips
    },
    end: drop,
  }
}

/** Why a tool cannot take part in a workload, if so. */
export function unsupportedReason(
  { command }: ReadyTool,
  operation: Operation,
  kind: BenchDatabaseKind,
): string | undefined {
  const example = kind === 'sqlite' ? 'sqlite:///db' : 'x://user:password@127.0.0.1:1/db'
  const answer = command(operation, targetOf(kind, example), '/')
  return isUnsupported(answer) ? answer.unsupported : undefined
}

function isUnsupported(answer: Command | Unsupported): answer is Unsupported {
  return 'unsupported' in answer
}

function commandOf(run: ToolRun, operation: Operation, database: TestDatabase): Command {
  const target = targetOf(run.kind, database.url, {
    proxyPort: run.proxy?.port,
    ownTransactions: run.set.ownTransactions,
  })
  const answer = run.ready.command(operation, target, run.folder)
  if (isUnsupported(answer)) throw new RunFailedError(answer.unsupported)
  return answer
}

/** A tool that ends well without having done its work would be the fastest of all. */
async function check(run: ToolRun, operation: Operation, database: TestDatabase): Promise<void> {
  if (run.set.itemTables === null) return
  const expected = operation === 'down' ? 0 : run.set.itemTables
  const found = await countItemTables(targetOf(run.kind, database.url))
  if (found !== expected) {
    throw new RunFailedError(`ended well, but left ${found} tables instead of ${expected}`)
  }
}
