import { toError } from '@mig/golang-migrate'
import { create, down, drop, force, goto, up, version, type CommandInput } from './commands.ts'
import type { Engine } from './engine.ts'
import { ExitError } from './exit-error.ts'
import { dropInSchemes } from './find-drop-in.ts'
import { formatGoDuration } from './go-duration.ts'
import { FlagError, formatFlagDefaults, parseGoFlags, type ParsedFlags } from './go-flags.ts'
import { Redactor } from '@mig/app-kit/secrets'
import { onUncaught } from '@mig/app-kit/process'
import { createLog, writeError, type Log } from './log.ts'
import { openEngine, sourceSchemes } from './open-engine.ts'
import { commands, formatUsage, globalFlags } from './usage.ts'

/** The release of golang-migrate that this command follows: what scripts ask `-version` for. */
const followedVersion = '4.20.0'

/** Only errors go through it: what others say may hold the password. */
const redactor = new Redactor()

type CommandName = keyof typeof commands

const run: Readonly<Record<CommandName, (input: CommandInput) => Promise<void>>> = {
  create,
  down,
  drop,
  force,
  goto,
  up,
}

/** Those that say in verbose mode how long they took. */
const timed = new Set<string>(['down', 'drop', 'force', 'goto', 'up'])

const isCommand = (name: string): name is CommandName => Object.hasOwn(commands, name)

const usage = async (): Promise<string> =>
  formatUsage(sourceSchemes, await dropInSchemes(process.cwd()))

/** Runs `migrate`, and ends the process where golang-migrate does. */
export const main = async (args: readonly string[]): Promise<void> => {
  redactor.addCommandLine(args)
  redactor.addVariables(process.env)
  onUncaught((error) => {
    writeError(`error: ${redactor.redact(toError(error).message)}\n`)
    process.exit(1)
  })
  try {
    await runCommandLine(args)
    // An input that stays open, after a question, would keep the process waiting.
    process.exit(0)
  } catch (error) {
    if (error instanceof ExitError) {
      writeError(error.message)
      process.exit(error.exitCode)
    }
    throw error
  }
}

const runCommandLine = async (args: readonly string[]): Promise<void> => {
  const { values, rest } = await parseGlobals(args)
  if (values['version'] === 'true') throw new ExitError(0, `${followedVersion}\n`)
  if (values['help'] === 'true') throw new ExitError(0, await usage())
  const log = createLog(values['verbose'] === 'true')
  const opened = await open(values, log)
  const start = process.hrtime.bigint()
  const startedAt = BigInt(Date.now()) * 1_000_000n + (start % 1_000_000n)
  const [name = '', ...commandArgs] = rest
  if (name !== 'version' && !isCommand(name)) throw new ExitError(2, await usage())
  const engine = (): Engine => {
    if (opened instanceof Error) throw opened
    return opened
  }
  try {
    await dispatch(name, commandArgs, { log, engine, startedAt })
    if (log.verbose && timed.has(name)) {
      log.line(`Finished after ${formatGoDuration(process.hrtime.bigint() - start)}`)
    }
  } catch (error) {
    throw toExit(error, log)
  }
  if (!(opened instanceof Error)) await close(opened, log)
}

/** Messages go through the log, which in verbose mode puts the time in front. */
const toExit = (thrown: unknown, log: Log): ExitError => {
  if (thrown instanceof ExitError && thrown.exitCode !== 1) return thrown
  const { message } = toError(thrown)
  log.line(thrown instanceof ExitError ? message : `error: ${redactor.redact(message)}`)
  return new ExitError(1)
}

const dispatch = async (
  name: string,
  args: readonly string[],
  input: Omit<CommandInput, keyof ParsedFlags>,
): Promise<void> => {
  if (!isCommand(name)) return await version({ ...input, values: {}, rest: args })
  const parsed = parseCommand(name, args)
  await run[name]({ ...input, ...parsed })
}

const parseGlobals = async (args: readonly string[]): Promise<ParsedFlags> => {
  try {
    return parseGoFlags(globalFlags, args)
  } catch (error) {
    if (!(error instanceof FlagError)) throw error
    const text = await usage()
    throw error.help ? new ExitError(0, text) : new ExitError(2, `${error.message}\n${text}`)
  }
}

const parseCommand = (name: CommandName, args: readonly string[]): ParsedFlags => {
  const { usage: text, flags } = commands[name]
  const defaults = formatFlagDefaults(flags)
  try {
    const parsed = parseGoFlags(flags, args)
    if (parsed.values['help'] === 'true') throw new ExitError(0, `${text}\n${defaults}`)
    return parsed
  } catch (error) {
    if (!(error instanceof FlagError)) throw error
    const usageText = `Usage of ${name}:\n${defaults}`
    throw error.help
      ? new ExitError(0, usageText)
      : new ExitError(2, `${error.message}\n${usageText}`)
  }
}

/** Opens source and database, whatever the command is. An error waits until the command asks for them. */
const open = async (
  values: Readonly<Record<string, string>>,
  log: Log,
): Promise<Engine | Error> => {
  const {
    source = '',
    path = '',
    database = '',
    prefetch = '',
    'lock-timeout': timeout = '',
  } = values
  try {
    const engine = await openEngine({
      sourceUrl: source === '' && path !== '' ? `file://${path}` : source,
      databaseUrl: database,
      prefetch: BigInt(prefetch),
      lockTimeout: BigInt.asIntN(64, BigInt(timeout) * 1_000_000_000n),
      log,
      redactor,
    })
    stopOnInterrupt(engine, log)
    return engine
  } catch (error) {
    return toError(error)
  }
}

/** The first SIGINT asks for an end after the running migration, all others are swallowed. */
const stopOnInterrupt = (engine: Engine, log: Log): void => {
  process.once('SIGINT', () => {
    process.on('SIGINT', () => {})
    log.line('Stopping after this running migration ...')
    engine.requestStop()
  })
}

const close = async (engine: Engine, log: Log): Promise<void> => {
  try {
    await engine.close()
  } catch (error) {
    log.line(redactor.redact(toError(error).message))
  }
}
