import { fileURLToPath } from 'node:url'
import { MigrateError } from '@mig/core'
import { settings } from '@oclif/core/settings'
import type { Config } from '@oclif/core/config'
import { COMMANDS } from './commands.ts'
import { asksForHelp, dispatch, printVersion } from './dispatch.ts'
import { exitCodeOf } from './exit-code.ts'
import { failureJson } from './json.ts'
import { findUserPlugins, loadFullConfig, loadOwnConfig } from './load-config.ts'
import { nearest } from './nearest.ts'
import { renderError } from './render/error.ts'
import { createStyle, showsUnicode, wantsColor, type Style } from './render/style.ts'
import { printable } from './render/text.ts'
import { processRuntime, type Runtime } from './runtime.ts'
import { silentExitOf, toMigrateError } from './to-migrate-error.ts'

/** Runs `mig` with the process's arguments and sets its exit code. */
export const main = async (packageUrl: string): Promise<void> => {
  const runtime = processRuntime()
  await runCommandLine(fileURLToPath(packageUrl), runtime)
  process.exitCode = runtime.exitCode
}

/** Runs one command line. Never throws: what goes wrong is printed, and the runtime's exit code says it. */
export const runCommandLine = async (root: string, runtime: Runtime): Promise<void> => {
  const argv = [...runtime.argv]
  // Without it every linked plugin that is an ES module warns at every command.
  settings.enableAutoTranspile = false
  let config: Config | undefined
  try {
    config = await loadOwnConfig(root, runtime)
    const own = ownCommand(argv)
    // A plugin that breaks, or worse, does not get in the way of the commands that take it out.
    if (own?.isAboutPlugins === true) {
      await own.start(config)
      return
    }
    const plugins = findUserPlugins(config)
    if (plugins.distrusted !== undefined) warnOfDistrusted(plugins.distrusted, argv, runtime)
    if (!plugins.any) {
      if (own !== undefined) {
        await own.start(config)
        return
      }
      if (argv[0] === '--version') {
        printVersion(config)
        return
      }
    }
    config = await loadFullConfig(root, runtime, { userPlugins: plugins.any })
    await dispatch(argv, config)
  } catch (error) {
    report(error, argv, config, runtime)
  }
}

interface OwnCommand {
  /** Whether it is `mig plugins` or one of those below it. */
  readonly isAboutPlugins: boolean
  start(config: Config): Promise<void>
}

/** The command, if it is one of ours and to be run: that of the first two words, else of the first. */
const ownCommand = (argv: readonly string[]): OwnCommand | undefined => {
  if (asksForHelp(argv)) return undefined
  for (const words of [2, 1]) {
    const id = argv.slice(0, words).join(':')
    const Own = Object.hasOwn(COMMANDS, id) ? COMMANDS[id] : undefined
    if (Own === undefined) continue
    return {
      isAboutPlugins: id.split(':', 1)[0] === 'plugins',
      start: (config) => Own.start(id, argv.slice(words), config),
    }
  }
  return undefined
}

const warnOfDistrusted = (reason: string, argv: readonly string[], runtime: Runtime): void =>
  runtime.stderr.write(
    `${styleFor(argv, runtime).yellow('Warning:')} Plugins are not loaded: ${printable(reason)}.\n`,
  )

const unknownCommand = (error: unknown, config: Config | undefined): MigrateError | undefined => {
  const name =
    error instanceof Error ? /^command (\S+) not found$/.exec(error.message)?.[1] : undefined
  if (name === undefined) return undefined
  const guess = nearest(name, config?.commandIDs ?? [])
  return new MigrateError('USAGE', `"${name}" is no command of mig`, {
    hint: guess === undefined ? 'See "mig help".' : `Did you mean "mig ${guess}"?`,
    cause: error,
  })
}

/** Errors of what is no command of ours: oclif itself, its plugins, commands that do not exist. */
const report = (
  error: unknown,
  argv: readonly string[],
  config: Config | undefined,
  runtime: Runtime,
): void => {
  const silent = silentExitOf(error)
  if (silent !== undefined) {
    runtime.exitCode = silent
    return
  }
  const failure = unknownCommand(error, config) ?? toMigrateError(error)
  runtime.exitCode = exitCodeOf(failure)
  const { stdout, stderr, redactor } = runtime
  if (argv.includes('--json')) {
    const json = failureJson(argv[0] ?? '', failure, runtime.exitCode)
    stdout.writeRaw(`${JSON.stringify(redactor.redactValue(json), null, 2)}\n`)
    return
  }
  const style = styleFor(argv, runtime)
  stderr.write(renderError(failure, { verbose: argv.includes('--verbose') }, style))
}

const styleFor = (argv: readonly string[], { env, stderr }: Runtime): Style =>
  createStyle({
    color: wantsColor(env, stderr.isTTY, argv.includes('--no-color')),
    unicode: showsUnicode(env),
  })
