import { mkdirSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { fileURLToPath } from 'node:url'
import { runTool, type Outcome, type Tool } from './run-tool.ts'

/** Our tool, as users start it. */
export const migrateTool: Tool = [
  process.execPath,
  fileURLToPath(new URL('../../../apps/migrate/bin/migrate.js', import.meta.url)),
]

/** A folder to run commands in, with a folder of migrations `m`. */
export interface Workplace {
  readonly folder: string
  /** Writes migrations, by file name. */
  write(files: Readonly<Record<string, string | Uint8Array>>): void
  run(
    tool: Tool,
    args: readonly string[],
    stdin?: string,
    env?: Readonly<Record<string, string>>,
  ): Promise<Outcome>
  [Symbol.dispose](): void
}

/** Makes a folder that is gone in the end. */
export const openWorkplace = (): Workplace => {
  const folder = mkdtempSync(join(tmpdir(), 'mig-migrate-'))
  mkdirSync(join(folder, 'm'))
  return {
    folder,
    write: (files) => {
      for (const [name, script] of Object.entries(files))
        writeFileSync(join(folder, 'm', name), script)
    },
    run: (tool, args, stdin = '', env = {}) => runTool(tool, args, { cwd: folder, stdin, env }),
    [Symbol.dispose]: () => rmSync(folder, { recursive: true, force: true }),
  }
}
