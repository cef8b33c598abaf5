import { mkdtemp, rm } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { fileURLToPath } from 'node:url'
import { databaseAvailability, stopServers } from '@mig/testing'
import { serverVersion } from './databases.ts'
import { describeMachine } from './machine.ts'
import type { BenchOptions } from './options.ts'
import { readOptions, usage, UsageError } from './options.ts'
import { renderReport } from './report.ts'
import type { BenchResults, NotRun, SkippedWorkload, WorkloadResult } from './results.ts'
import { addTo } from './results.ts'
import { runWorkload } from './run-workload.ts'
import type { ReadyTool, Tool } from './tools/tool.ts'
import { ToolUnavailableError } from './tools/tool.ts'
import { allTools } from './tools/all-tools.ts'
import { isInstalled, openWorkshop } from './workshop.ts'
import type { Workshop } from './workshop.ts'
import { allWorkloads } from './workloads/all-workloads.ts'
import { readResults, writeReport } from './write-report.ts'

const docs = fileURLToPath(new URL('../../../docs', import.meta.url))

function progress(text: string): void {
  process.stderr.write(`${text}\n`)
}

/** Installs what can be installed; the rest is named in the report. */
async function prepareTools(
  tools: readonly Tool[],
  workshop: Workshop,
): Promise<{ ready: Map<Tool, ReadyTool>; unavailable: NotRun[] }> {
  const ready = new Map<Tool, ReadyTool>()
  const unavailable: NotRun[] = []
  for (const tool of tools) {
    try {
      const prepared = await tool.prepare(workshop)
      ready.set(tool, prepared)
      progress(`${tool.name}: ${prepared.version}`)
    } catch (error) {
      // Our own tool that does not install is no finding about this machine.
      if (!(error instanceof ToolUnavailableError) && tool.role === 'ours') throw error
      const reason = error instanceof Error ? error.message : String(error)
      unavailable.push({ name: tool.name, reason })
      progress(`${tool.name} is not measured: ${reason}`)
    }
  }
  return { ready, unavailable }
}

/** Aborts at the first signal: databases and folders of a run must not stay behind. */
function interrupted(): AbortSignal {
  const controller = new AbortController()
  for (const signal of ['SIGINT', 'SIGTERM'] as const) {
    process.once(signal, () => controller.abort(new UsageError(`ended by ${signal}`)))
  }
  return controller.signal
}

async function run(options: BenchOptions): Promise<void> {
  if (!(await isInstalled('/usr/bin/time'))) {
    throw new UsageError('GNU time is missing: install the Debian package `time`')
  }
  const workshop = await openWorkshop(options.keepMig, progress)
  const { ready, unavailable } = await prepareTools(options.tools, workshop)
  const scratch = await mkdtemp(join(tmpdir(), 'mig-bench-'))
  const context = {
    workshop,
    tools: ready,
    rounds: options.rounds,
    surroundings: { scratch, timeoutMs: options.timeoutMs, signal: interrupted() },
    progress,
  }
  const workloads: WorkloadResult[] = []
  const skipped: SkippedWorkload[] = []
  const servers: Record<string, string> = {}
  const startedAt = new Date().toISOString()
  const machine = await describeMachine()
  const earlier =
    options.add && options.output !== null ? await readResults(options.output) : undefined
  const ids = allWorkloads.map(({ id }) => id)
  const results = (): BenchResults => (earlier === undefined ? own() : addTo(earlier, own(), ids))
  const own = (): BenchResults => ({
    startedAt,
    machine,
    tools: Object.fromEntries(Array.from(ready, ([{ name }, { version }]) => [name, version])),
    servers,
    workloads,
    skipped,
    unavailable,
  })
  try {
    for (const workload of options.workloads) {
      for (const database of workload.databases) {
        if (!options.databases.includes(database)) continue
        const { id, title } = workload
        const availability = await databaseAvailability(database)
        if (!availability.available) {
          skipped.push({ workload: id, title, database, reason: availability.reason })
          continue
        }
        const version = await serverVersion(database)
        if (version !== null) servers[database] = version
        const result = await runWorkload(workload, database, context)
        if ('reason' in result) skipped.push(result)
        else workloads.push(result)
        // After each one: a long run that is broken off leaves what it found.
        if (options.output !== null) await writeReport(options.output, results())
      }
    }
    process.stdout.write(renderReport(results()))
  } finally {
    await rm(scratch, { recursive: true, force: true })
    await stopServers()
  }
}

function list(): string {
  const workloads = allWorkloads.map(({ id, title }) => `  ${id.padEnd(18)}${title}`)
  const tools = allTools.map(({ name, databases }) => `  ${name.padEnd(26)}${databases.join(', ')}`)
  return ['Workloads:', ...workloads, 'Tools:', ...tools, ''].join('\n')
}

try {
  const options = readOptions(process.argv.slice(2), docs)
  if (options === 'help') process.stdout.write(`${usage}\n`)
  else if (options === 'list') process.stdout.write(list())
  else await run(options)
} catch (error) {
  if (!(error instanceof UsageError)) throw error
  process.stderr.write(`${error.message}\n`)
  process.exitCode = 2
}
