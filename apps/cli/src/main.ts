import { fileURLToPath } from 'node:url'
import { MigrateError } from '@mig/core'
import type { Config } from '@oclif/core/config'
import { asksForHelp, printVersion } from './command-line/asks-for.ts'
import { ownCommands } from './own-commands.ts'
import { exitCodeOf } from './exit-code.ts'
import { failureJson } from './json.ts'
import { nearest } from './nearest.ts'
import { hasPlugins, loadOwnConfig } from './own-config.ts'
import { renderError } from './render/error.ts'
import { createStyle, showsUnicode, wantsColor } from './render/style.ts'
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
    if (await runOwn(root, argv, runtime)) return
    const { loadFullConfig } = await import('./load-config.ts')
    config = await loadFullConfig(root, runtime)
    const { dispatch } = await import('./dispatch.ts')
    await dispatch(argv, config)
  } catch (error) {
    report(error, argv, config, runtime)
  }
}

/**
 * Runs a command line without oclif, where nothing of it is needed: a command of mig's own or `--version`, and no
 * plugin whose hooks are to run, nor a log of oclif's that DEBUG asks for. Returns whether it did.
 */
const runOwn = async (root: string, argv: string[], runtime: Runtime): Promise<boolean> => {
  const config = loadOwnConfig(root, runtime)
  if (hasPlugins(config) || runtime.env['DEBUG'] !== undefined) return false
  const [name = '', ...rest] = argv
  if (name === '--version') {
    printVersion(config)
    return true
  }
  if (!Object.hasOwn(ownCommands, name) || asksForHelp(argv)) return false
  const command = await ownCommands[name]?.()
  if (command === undefined) return false
  command.id = name
  await command.run(rest, config)
  return true
}

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
  const { stdout, stderr, env, redactor } = runtime
  if (argv.includes('--json')) {
    const json = failureJson(argv[0] ?? '', failure, runtime.exitCode)
    stdout.writeRaw(`${JSON.stringify(redactor.redactValue(json), null, 2)}\n`)
    return
  }
  const color = wantsColor(env, stderr.isTTY, argv.includes('--no-color'))
  const style = createStyle({ color, unicode: showsUnicode(env) })
  stderr.write(renderError(failure, { verbose: argv.includes('--verbose') }, style))
}
