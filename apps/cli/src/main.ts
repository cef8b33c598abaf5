import { fileURLToPath } from 'node:url'
import { MigrateError } from '@mig/core'
import type { Config } from '@oclif/core/config'
import { asksForHelp, printVersion } from './command-line/asks-for.ts'
import { ownCommands } from './oclif/own-commands.ts'
import { exitCodeOf } from './oclif/exit-code.ts'
import { failureJson, jsonText, wantsJson } from './reports/json.ts'
import { nearest } from './command-line/nearest.ts'
import { findUserPlugins, loadOwnConfig, type UserPlugins } from './oclif/own-config.ts'
import { jsonLimits, pageLimits, presentableError } from './render/presentable-error.ts'
import { renderError } from './render/error.ts'
import { createStyle, showsUnicode, wantsColor, type Style } from './render/style.ts'
import { field, lines, shown } from '@mig/app-kit/terminal'
import { processRuntime, type Runtime } from './process/runtime.ts'
import { messageOf, silentExitOf, toMigrateError } from './oclif/to-migrate-error.ts'
import { onUncaught } from '@mig/app-kit/process'

/** Runs `mig` with the process's arguments and sets its exit code. */
export const main = async (packageUrl: string): Promise<void> => {
  const runtime = processRuntime()
  onUncaught((error) => endWith(error, runtime))
  await runCommandLine(fileURLToPath(packageUrl), runtime)
  process.exitCode = runtime.exitCode
}

/** Ends the process after an error that came from outside of any command, as from a socket's event. */
const endWith = (error: unknown, runtime: Runtime): void => {
  const failure = new MigrateError('INTERNAL_ERROR', messageOf(error), {
    hint: 'If migrations were running, look at "mig status". Run it again with --verbose to see where this comes from, and report it.',
    cause: error,
  })
  report(failure, runtime.argv, undefined, runtime)
  // What was written may still be on its way to a pipe.
  const written = wantsJson(runtime.argv, runtime.env) ? process.stdout : process.stderr
  written.write('', () => process.exit(runtime.exitCode))
}

/** Runs one command line. Never throws: what goes wrong is printed, and the runtime's exit code says it. */
export const runCommandLine = async (root: string, runtime: Runtime): Promise<void> => {
  const argv = [...runtime.argv]
  let config: Config | undefined
  try {
    const command = await runOwn(root, argv, runtime)
    if (command === 'done') return
    const { loadFullConfig } = await import('./oclif/load-config.ts')
    config = await loadFullConfig(root, runtime, command)
    const { dispatch } = await import('./oclif/dispatch.ts')
    await dispatch(argv, config)
  } catch (error) {
    report(error, argv, config, runtime)
  }
}

/**
 * Runs a command line without oclif, where nothing of it is needed: a command of mig's own or `--version`, and no
 * plugin whose hooks are to run, nor a log of oclif's that DEBUG asks for. Returns how oclif is to run it otherwise.
 */
const runOwn = async (
  root: string,
  argv: string[],
  runtime: Runtime,
): Promise<'done' | { readonly userPlugins: boolean }> => {
  const config = loadOwnConfig(root, runtime)
  const own = ownCommand(argv)
  // A plugin that breaks, or worse, does not get in the way of the commands that take it out.
  const isAboutPlugins = own?.id.split(':', 1)[0] === 'plugins'
  const plugins: UserPlugins = isAboutPlugins ? { any: false } : findUserPlugins(config)
  if (plugins.distrusted !== undefined) warnOfDistrusted(plugins.distrusted, argv, runtime)
  if (plugins.any || runtime.env['DEBUG'] !== undefined) return { userPlugins: plugins.any }
  if (argv[0] === '--version') {
    printVersion(config)
    return 'done'
  }
  const command = await own?.load()
  if (own === undefined || command === undefined) return { userPlugins: false }
  command.id = own.id
  await command.run(own.rest, config)
  return 'done'
}

/** The command, if it is one of ours and to be run: that of the first two words, else of the first. */
const ownCommand = (argv: readonly string[]) => {
  if (asksForHelp(argv)) return undefined
  for (const words of [2, 1]) {
    const id = argv.slice(0, words).join(':')
    const load = Object.hasOwn(ownCommands, id) ? ownCommands[id] : undefined
    if (load !== undefined) return { id, rest: argv.slice(words), load }
  }
  return undefined
}

const warnOfDistrusted = (reason: string, argv: readonly string[], runtime: Runtime): void =>
  runtime.stderr.write(
    lines(
      shown`${styleFor(argv, runtime).yellow(shown`Warning:`)} Plugins are not loaded: ${field(reason)}.`,
    ),
  )

const unknownCommand = (error: unknown, config: Config | undefined): MigrateError | undefined => {
  const name =
    error instanceof Error ? /^command (\S+) not found$/.exec(error.message)?.[1] : undefined
  if (name === undefined) return undefined
  const guess = nearest(name, config?.commandIDs ?? [])
  return new MigrateError('USAGE', `"${name}" is not a command of mig`, {
    hint: guess === undefined ? 'See "mig help".' : `Did you mean "mig ${guess}"?`,
    cause: error,
  })
}

/** Errors of what is not a command of ours: oclif itself, its plugins, commands that do not exist. */
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
  const { stdout, stderr, env, redactor } = runtime
  if (wantsJson(argv, env)) {
    const presentable = presentableError(failure, redactor, jsonLimits)
    stdout.write(jsonText(failureJson(argv[0] ?? '', presentable, runtime.exitCode)))
    return
  }
  const presentable = presentableError(failure, redactor, pageLimits)
  const verbose = argv.includes('--verbose')
  stderr.write(renderError(presentable, { verbose }, styleFor(argv, runtime)))
}

const styleFor = (argv: readonly string[], { env, stderr }: Runtime): Style =>
  createStyle({
    color: wantsColor(env, stderr.isTTY, argv.includes('--no-color')),
    unicode: showsUnicode(env),
  })
