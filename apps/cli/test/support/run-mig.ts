import { PassThrough } from 'node:stream'
import { fileURLToPath } from 'node:url'
import { runCommandLine } from '../../src/main.ts'
import { Redactor } from '@mig/app-kit/secrets'
import type { EndSignal, Output, Runtime } from '../../src/process/runtime.ts'

/** What a command line printed and how it ended. */
export interface MigRun {
  readonly stdout: string
  readonly stderr: string
  readonly exitCode: number
  /** The one object on stdout, for command lines with `--json`. */
  readonly json: unknown
}

/** How a command line is run. */
export interface MigOptions {
  readonly cwd: string
  readonly env?: Readonly<Record<string, string>>
  /** What is typed, line by line. With it there is a terminal to ask at. */
  readonly typed?: readonly string[]
  readonly terminal?: boolean
  /** Closes the terminal's input after what is typed. */
  readonly endInput?: boolean
  /** Called when output arrives, to send signals at the right moment. */
  readonly onOutput?: (text: string, send: (signal: EndSignal) => void) => void
}

export const cliFolder = fileURLToPath(new URL('../..', import.meta.url))

/** Runs `mig` in this process. Commands come from the build. */
export const runMig = async (argv: readonly string[], options: MigOptions): Promise<MigRun> => {
  const { cwd, env = {}, typed, terminal = typed !== undefined, endInput, onOutput } = options
  const redactor = new Redactor()
  redactor.addCommandLine(argv)
  redactor.addVariables(env)
  const listeners = new Map<EndSignal, Set<() => void>>([
    ['SIGINT', new Set()],
    ['SIGTERM', new Set()],
  ])
  const send = (signal: EndSignal): void => {
    for (const listener of listeners.get(signal) ?? []) listener()
  }
  const collect = (show: (text: string) => string): Output & { text: string } => ({
    text: '',
    isTTY: terminal,
    columns: 80,
    write(text) {
      const written = show(text)
      this.text += written
      onOutput?.(written, send)
    },
  })
  const stdout = collect((text) => text)
  const stderr = collect((text) => redactor.redact(text))
  const stdin: PassThrough & { isTTY?: boolean } = new PassThrough()
  stdin.isTTY = terminal
  for (const line of typed ?? []) stdin.write(`${line}\n`)
  if (endInput === true) stdin.end()
  const runtime: Runtime = {
    argv,
    env: { HOME: cwd, LANG: 'C.UTF-8', ...env },
    cwd,
    stdin,
    stdout,
    stderr,
    redactor,
    signals: {
      on: (signal, listener) => listeners.get(signal)?.add(listener),
      off: (signal, listener) => listeners.get(signal)?.delete(listener),
    },
    exitCode: 0,
  }
  await runCommandLine(cliFolder, runtime)
  const { text } = stdout
  return {
    stdout: text,
    stderr: stderr.text,
    exitCode: runtime.exitCode,
    get json(): unknown {
      return JSON.parse(text)
    },
  }
}
