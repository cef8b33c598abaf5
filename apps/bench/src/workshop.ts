import { execFile } from 'node:child_process'
import { mkdir } from 'node:fs/promises'
import { join } from 'node:path'
import { fileURLToPath } from 'node:url'
import { promisify } from 'node:util'
import type { Progress } from './alternate.ts'
import { redact } from './redact.ts'

const execFileAsync = promisify(execFile)

/** Where tools are installed and built. */
export interface Workshop {
  /** Outlives a run. */
  readonly cache: string
  readonly repository: string
  readonly bench: string
  /** Whether a `mig` that an earlier run packed may be taken again. */
  readonly keepMig: boolean
  readonly progress: Progress
}

/** Makes the folders. */
export async function openWorkshop(keepMig: boolean, progress: Progress): Promise<Workshop> {
  const bench = fileURLToPath(new URL('..', import.meta.url))
  const cache = join(bench, 'node_modules', '.cache', 'bench')
  await mkdir(cache, { recursive: true })
  return { cache, repository: join(bench, '..', '..'), bench, keepMig, progress }
}

/** How a helper program runs. */
export interface OutputOptions {
  readonly folder?: string
  readonly environment?: Readonly<Record<string, string>>
}

/** Runs a program that is not measured and gives its trimmed standard output. */
export async function outputOf(
  program: string,
  args: readonly string[],
  { folder, environment }: OutputOptions = {},
): Promise<string> {
  try {
    const { stdout, stderr } = await execFileAsync(program, args, {
      cwd: folder,
      env: { ...process.env, ...environment },
      maxBuffer: 64 * 1024 * 1024,
    })
    return (stdout.trim() === '' ? stderr : stdout).trim()
  } catch (error) {
    const detail = error instanceof Error ? error.message : String(error)
    throw new Error(redact(detail).slice(0, 1_000), { cause: error })
  }
}

/** Whether a program is on the PATH. */
export async function isInstalled(program: string): Promise<boolean> {
  return outputOf('sh', ['-c', `command -v ${program}`]).then(
    () => true,
    () => false,
  )
}
