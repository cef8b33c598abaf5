import { fileURLToPath } from 'node:url'
import { MigrateError } from '@mig/core'
import { settings } from '@oclif/core/settings'
import type { Config } from '@oclif/core/config'
import { COMMANDS } from './commands.ts'
import { restoreCompilers } from './compilers.ts'
import { asksForHelp, dispatch, printVersion } from './dispatch.ts'
import { exitCodeOf } from './exit-code.ts'
import { failureJson, jsonText, wantsJson } from './json.ts'
import type { KeepCode } from './keep-code.ts'
import { hasPlugins, loadFullConfig, loadOwnConfig } from './load-config.ts'
import { nearest } from './nearest.ts'
import { jsonLimits, pageLimits, presentableError } from './presentable-error.ts'
import { renderError } from './render/error.ts'
import { createStyle, showsUnicode, wantsColor } from './render/style.ts'
import { processRuntime, type Runtime } from './runtime.ts'
import { messageOf, silentExitOf, toMigrateError } from './to-migrate-error.ts'
import { onUncaught } from './uncaught.ts'

/** Runs `mig` with the process's arguments and sets its exit code. */
export const main = async (packageUrl: string, keepCode: KeepCode): Promise<void> => {
  const runtime = processRuntime()
  onUncaught((error) => endWith(error, runtime))
  await runCommandLine(fileURLToPath(packageUrl), runtime)
  process.exitCode = runtime.exitCode
  if (runtime.exitCode !== 0) return
  restoreCompilers()
  keepCode(runtime.ranSteps ? 'steps' : 'look')
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
  // Without it every linked plugin that is an ES module warns at every command.
  settings.enableAutoTranspile = false
  let config: Config | undefined
  try {
    config = await loadOwnConfig(root, runtime)
    if (!hasPlugins(config)) {
      const Own = ownCommand(argv)
      if (Own !== undefined) {
        await Own.start(argv[0] ?? '', argv.slice(1), config)
        return
      }
      if (argv[0] === '--version') {
        printVersion(config)
        return
      }
    }
    config = await loadFullConfig(root, runtime)
    await dispatch(argv, config)
  } catch (error) {
    report(error, argv, config, runtime)
  }
}

/** The command, if it is one of ours and to be run. */
const ownCommand = (argv: readonly string[]): (typeof COMMANDS)[string] | undefined => {
  const [name = ''] = argv
  return Object.hasOwn(COMMANDS, name) && !asksForHelp(argv) ? COMMANDS[name] : undefined
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
  if (wantsJson(argv, env)) {
    const presentable = presentableError(failure, redactor, jsonLimits)
    stdout.write(jsonText(failureJson(argv[0] ?? '', presentable, runtime.exitCode)))
    return
  }
  const color = wantsColor(env, stderr.isTTY, argv.includes('--no-color'))
  const style = createStyle({ color, unicode: showsUnicode(env) })
  stderr.write(
    renderError(
      presentableError(failure, redactor, pageLimits),
      { verbose: argv.includes('--verbose') },
      style,
    ),
  )
}
