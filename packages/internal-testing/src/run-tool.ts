import { spawn } from 'node:child_process'
import { tmpdir } from 'node:os'

/** How a process ended and what it said. */
export interface Outcome {
  readonly exitCode: number | null
  readonly stdout: string
  readonly stderr: string
}

/** A tool: what is started, before its arguments. */
export type Tool = readonly [command: string, ...args: string[]]

const longestMs = 60_000

/** Runs a tool in a folder. */
export const runTool = (
  [command, ...first]: Tool,
  args: readonly string[],
  { cwd, stdin, env = {} }: { cwd: string; stdin: string; env?: Readonly<Record<string, string>> },
): Promise<Outcome> =>
  new Promise((resolve, reject) => {
    const child = spawn(command, [...first, ...args], {
      cwd,
      // Folders are compared, and a cache of compiled code below HOME would be a difference.
      env: {
        PATH: process.env['PATH'] ?? '',
        HOME: cwd,
        USER: 'nobody',
        TMPDIR: tmpdir(),
        NODE_DISABLE_COMPILE_CACHE: '1',
        ...env,
      },
      timeout: longestMs,
    })
    let [stdout, stderr] = ['', '']
    child.stdout.setEncoding('utf8').on('data', (text: string) => (stdout += text))
    child.stderr.setEncoding('utf8').on('data', (text: string) => (stderr += text))
    child.on('error', reject)
    child.on('close', (exitCode) => resolve({ exitCode, stdout, stderr }))
    // A process that reads nothing may be gone before it is written to.
    child.stdin.on('error', () => {}).end(stdin)
  })
