import type { Readable } from 'node:stream'
import type { CommandConfig } from '../oclif/command-config.ts'
import { Redactor } from '@mig/app-kit/secrets'
import type { Shown } from '@mig/app-kit/terminal'

/** One of the two streams that output goes to. */
export interface Output {
  readonly isTTY: boolean
  readonly columns: number
  /**
   * Writes text that may be shown. Secrets are hidden on stderr only: results are in mig's own words, and what they hold
   * of others went through the redactor before.
   */
  write(text: Shown): void
}

/** Everything of the process that commands look at, so that tests can run them without one. */
export interface Runtime {
  readonly argv: readonly string[]
  readonly env: Readonly<Record<string, string | undefined>>
  readonly cwd: string
  readonly stdin: Readable & { readonly isTTY?: boolean }
  readonly stdout: Output
  readonly stderr: Output
  readonly redactor: Redactor
  /** Where SIGINT and SIGTERM come from. */
  readonly signals: SignalSource
  exitCode: number
}

/** The signals that end a command. */
export type EndSignal = 'SIGINT' | 'SIGTERM'

/** The part of `process` that signals come from. */
export interface SignalSource {
  on(signal: EndSignal, listener: () => void): unknown
  off(signal: EndSignal, listener: () => void): unknown
}

type Write = (chunk: string | Uint8Array, ...rest: never[]) => boolean

/**
 * Puts the redactor between the process and one of its streams, for everybody: mig, oclif, plugins, `console`, and the
 * logs that DEBUG turns on.
 */
const guard = (
  stream: NodeJS.WriteStream,
  redactor: Redactor,
  holds: 'results' | 'messages',
): Output => {
  const raw = stream.write.bind(stream) as Write
  const write: Write = (chunk, ...rest) => {
    const text = typeof chunk === 'string' ? chunk : Buffer.from(chunk).toString('utf8')
    const redacted = redactor.redact(text)
    return raw(redacted === text ? chunk : redacted, ...rest)
  }
  stream.write = write as typeof stream.write
  // A reader that went away (`mig status | head`) is not a reason for a stack trace, and none to stop a migration either.
  stream.on('error', (error: NodeJS.ErrnoException) => {
    if (error.code !== 'EPIPE') throw error
  })
  return {
    isTTY: stream.isTTY === true,
    get columns() {
      return stream.columns ?? 80
    },
    write: (text) => void (holds === 'results' ? raw(text) : stream.write(text)),
  }
}

/** The process itself. Everything it writes from now on goes through the redactor. */
export const processRuntime = (): Runtime => {
  const redactor = new Redactor()
  redactor.addCommandLine(process.argv.slice(2))
  redactor.addVariables(process.env)
  return {
    argv: process.argv.slice(2),
    env: process.env,
    cwd: process.cwd(),
    // Opened for questions only: it takes a good part of what Node itself takes to start.
    get stdin() {
      return process.stdin
    },
    stdout: guard(process.stdout, redactor, 'results'),
    stderr: guard(process.stderr, redactor, 'messages'),
    redactor,
    signals: process,
    exitCode: 0,
  }
}

interface WithRuntime {
  readonly runtime?: Runtime
}

/**
 * The runtime of a command. It travels in the options of the oclif configuration, which oclif copies whenever it makes a
 * configuration anew. A command that somebody else starts gets the process.
 */
export const runtimeOf = (config: CommandConfig): Runtime =>
  (config.options as WithRuntime).runtime ?? (processDefault ??= processRuntime())

let processDefault: Runtime | undefined
