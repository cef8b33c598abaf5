import { fileURLToPath } from 'node:url'
import { MigrateError } from '@mig/core'
import type { Config } from '@oclif/core/config'
import { asksForHelp, printVersion } from './command-line/asks-for.ts'
import { ownCommands } from './own-commands.ts'
import { exitCodeOf } from './exit-code.ts'
import { failureJson } from './json.ts'
import { nearest } from './nearest.ts'
import { findUserPlugins, loadOwnConfig, type UserPlugins } from './own-config.ts'
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
  let config: Config | undefined
  try {
    const command = await runOwn(root, argv, runtime)
    if (command === 'done') return
    const { loadFullConfig } = await import('./load-config.ts')
    config = await loadFullConfig(root, runtime, command)
    const { dispatch } = await import('./dispatch.ts')
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
