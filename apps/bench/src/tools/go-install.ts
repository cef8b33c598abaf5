import { existsSync } from 'node:fs'
import { mkdir } from 'node:fs/promises'
import { join } from 'node:path'
import type { Workshop } from '../workshop.ts'
import { isInstalled, outputOf } from '../workshop.ts'
import { ToolUnavailableError } from './tool.ts'

/** A program of a Go module. */
export interface GoProgram {
  /** Path of the package to install. */
  readonly package: string
  readonly version: string
  /** Name of the binary. */
  readonly binary: string
}

/** Builds a Go program, once for each version, and gives the path of its binary. */
export async function goInstall(program: GoProgram, workshop: Workshop): Promise<string> {
  const folder = join(workshop.cache, 'go', `${program.binary}-${program.version}`)
  const path = join(folder, program.binary)
  if (existsSync(path)) return path
  if (!(await isInstalled('go'))) throw new ToolUnavailableError('needs Go to be built')
  workshop.progress(`building ${program.binary} ${program.version}`)
  await mkdir(folder, { recursive: true })
  try {
    await outputOf('go', ['install', `${program.package}@${program.version}`], {
      folder,
      environment: { GOBIN: folder, GOFLAGS: '-mod=mod' },
    })
  } catch (error) {
    const detail = error instanceof Error ? error.message : String(error)
    throw new ToolUnavailableError(`could not be built: ${detail}`, { cause: error })
  }
  return path
}
