import { spawn } from 'node:child_process'
import { once } from 'node:events'
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'

/** The real golang-migrate, where the environment names one. */
export const golangMigrate: string | undefined = process.env['MIG_GOLANG_MIGRATE']

/** A Go program that uses it as a library, on a database handle of its own. */
export const golangMigrateLibrary: string | undefined = process.env['MIG_GOLANG_MIGRATE_LIBRARY']

/** A run of it under way. */
export interface GolangMigrateRun {
  readonly ended: Promise<{ readonly code: number | null; readonly output: string }>
  kill(): void
}

/** Starts `migrate up` on a folder made of the given files. */
export const startGolangMigrate = (
  url: string,
  files: Readonly<Record<string, string>>,
): GolangMigrateRun =>
  startRun(golangMigrate ?? '', files, (folder) => ['-path', folder, '-database', url, 'up'])

/** The same by the program that uses the library. */
export const startGolangMigrateLibrary = (
  url: string,
  files: Readonly<Record<string, string>>,
): GolangMigrateRun => startRun(golangMigrateLibrary ?? '', files, (folder) => [folder, url])

const startRun = (
  program: string,
  files: Readonly<Record<string, string>>,
  argsOf: (folder: string) => readonly string[],
): GolangMigrateRun => {
  const folder = mkdtempSync(join(tmpdir(), 'mig-golang-'))
  for (const [name, script] of Object.entries(files)) writeFileSync(join(folder, name), script)
  const child = spawn(program, argsOf(folder), {
    stdio: ['ignore', 'pipe', 'pipe'],
  })
  let output = ''
  for (const stream of [child.stdout, child.stderr]) {
    stream.setEncoding('utf8').on('data', (text: string) => (output += text))
  }
  const ended = once(child, 'close').then(([code]: unknown[]) => {
    rmSync(folder, { recursive: true })
    return { code: typeof code === 'number' ? code : null, output }
  })
  return { ended, kill: () => child.kill('SIGKILL') }
}
