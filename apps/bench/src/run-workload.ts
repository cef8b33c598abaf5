import { existsSync } from 'node:fs'
import { rename } from 'node:fs/promises'
import { join } from 'node:path'
import type { TestDatabase } from '@mig/testing'
import type { Contender, Progress } from './alternate.ts'
import { alternate } from './alternate.ts'
import type { BenchDatabaseKind } from './databases.ts'
import { freshDatabase, roundTripMs, serverAddress, targetOf } from './databases.ts'
import type { DelayProxy } from './delay-proxy.ts'
import { startDelayProxy } from './delay-proxy.ts'
import type { Layout } from './layouts.ts'
import { writeLayout } from './layouts.ts'
import type { Command, Surroundings } from './measure.ts'
import { measure } from './measure.ts'
import type { MigrationSet } from './migrations.ts'
import type { Entry, NotRun, SkippedWorkload, WorkloadResult } from './results.ts'
import { nameBeside } from './results.ts'
import { toolContender, unsupportedReason } from './tool-contender.ts'
import type { ReadyTool, Tool } from './tools/tool.ts'
import type { Workshop } from './workshop.ts'
import type { Workload } from './workloads/workload.ts'

/** What a workload runs with. */
export interface RunContext {
  readonly workshop: Workshop
  readonly tools: ReadonlyMap<Tool, ReadyTool>
  readonly rounds: number
  readonly surroundings: Surroundings
  readonly progress: Progress
}

/** Runs a workload on one kind of database with every tool that can do it. */
export async function runWorkload(
  workload: Workload,
  kind: BenchDatabaseKind,
  context: RunContext,
): Promise<WorkloadResult | SkippedWorkload> {
  const { id, title, count, delayMs } = workload
  const about = { workload: id, title, database: kind }
  const set = await workload.migrations(kind)
  if ('missing' in set) return { ...about, reason: set.missing }

  let proxy: DelayProxy | undefined
  let partsDatabase: TestDatabase | undefined
  try {
    let tripMs: number | null = null
    if (delayMs > 0 && kind !== 'sqlite') {
      proxy = await startDelayProxy(await serverAddress(kind), delayMs)
      await using database = await freshDatabase(kind)
      tripMs = await roundTripMs(targetOf(kind, database.url, { proxyPort: proxy.port }))
    }
    const { contenders, notRun } = await toolContenders(workload, kind, set, proxy, context)
    const parts: Contender[] = []
    if (workload.extras !== undefined) {
      partsDatabase = await migratedDatabase(kind, set, context)
      if (partsDatabase !== undefined) {
        const target = targetOf(kind, partsDatabase.url)
        parts.push(...(await workload.extras(context.workshop, target)))
      }
    }
    parts.push(...(await besideContenders(workload, kind, context)))
    const outcomes = await alternate(
      [...parts, ...contenders],
      context.rounds,
      context.surroundings,
      (text) => context.progress(`${id} on ${kind}, ${text}`),
    )
    const roles = new Map(Array.from(context.tools.keys(), ({ name, role }) => [name, role]))
    const entries: Entry[] = []
    for (const [name, outcome] of outcomes) {
      if (outcome.ok) entries.push({ name, role: roles.get(name) ?? 'part', ...outcome.sample })
      else notRun.push({ name, reason: outcome.reason })
    }
    const { rounds } = context
    const { beside } = workload
    return {
      ...about,
      count,
      roundTripMs: tripMs,
      rounds,
      ...(beside === undefined ? {} : { beside: { count: beside.count, over: beside.over } }),
      entries,
      notRun,
    }
  } finally {
    await partsDatabase?.drop()
    await proxy?.close()
  }
}

/** A client that only sends SQL does not know what has been applied. */
function takesPart({ role, databases }: Tool, { start }: Workload, kind: BenchDatabaseKind) {
  return databases.includes(kind) && !(role === 'limit' && start === 'applied-once')
}

async function toolContenders(
  workload: Workload,
  kind: BenchDatabaseKind,
  set: MigrationSet,
  proxy: DelayProxy | undefined,
  { tools, surroundings }: RunContext,
): Promise<{ contenders: Contender[]; notRun: NotRun[] }> {
  const contenders: Contender[] = []
  const notRun: NotRun[] = []
  for (const [tool, ready] of tools) {
    if (!takesPart(tool, workload, kind)) continue
    const { name, layout } = tool
    const reason = unsupportedReason(ready, workload.operation, kind)
    if (reason === undefined) {
      const folder = await migrationsFolder(layout, set, surroundings)
      contenders.push(
        toolContender({ name, ready, workload, kind, set, folder, proxy, surroundings }),
      )
    } else {
      notRun.push({ name, reason })
    }
  }
  return { contenders, notRun }
}

/** Our first tool and the limits with the fewer migrations of a workload that has such. */
async function besideContenders(
  workload: Workload,
  kind: BenchDatabaseKind,
  { tools, surroundings }: RunContext,
): Promise<Contender[]> {
  const { beside } = workload
  if (beside === undefined) return []
  const set = beside.migrations(kind)
  const takingPart = [...tools].filter(([tool]) => takesPart(tool, workload, kind))
  const ours = takingPart.filter(([{ role }]) => role === 'ours').slice(0, 1)
  const limits = takingPart.filter(([{ role }]) => role === 'limit')
  const contenders: Contender[] = []
  for (const [tool, ready] of [...ours, ...limits]) {
    const name = nameBeside(tool.name, beside.over)
    const folder = await migrationsFolder(tool.layout, set, surroundings)
    contenders.push(
      toolContender({ name, ready, workload, kind, set, folder, proxy: undefined, surroundings }),
    )
  }
  return contenders
}

/** A database that the first of our own tools has migrated. */
async function migratedDatabase(
  kind: BenchDatabaseKind,
  set: MigrationSet,
  { tools, surroundings }: RunContext,
): Promise<TestDatabase | undefined> {
  for (const [{ role, layout }, ready] of tools) {
    if (role !== 'ours') continue
    const database = await freshDatabase(kind)
    const folder = await migrationsFolder(layout, set, surroundings)
    const command = ready.command('up', targetOf(kind, database.url), folder)
    await measure(command as Command, surroundings)
    return database
  }
  return undefined
}

/** Writes the migrations in a layout, once. */
async function migrationsFolder(
  layout: Layout,
  { id, migrations }: MigrationSet,
  { scratch }: Surroundings,
): Promise<string> {
  const folder = join(scratch, `${id}-${layout.name}`)
  if (!existsSync(folder)) {
    await writeLayout(`${folder}.part`, layout, migrations)
    await rename(`${folder}.part`, folder)
  }
  return folder
}
