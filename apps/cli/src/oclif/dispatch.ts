import type { Command } from '@oclif/core/command'
import type { Config } from '@oclif/core/config'
import { asksForHelp, printVersion } from '../command-line/asks-for.ts'

/**
 * Finds the command of a command line and runs it, as oclif's own `run` does: hooks, `--version`, help for commands and
 * topics. Ours because oclif's loads the whole configuration once more on the way.
 */
export const dispatch = async (argv: readonly string[], config: Config): Promise<void> => {
  const [id, ...rest] = commandOf(argv, config)
  const run: { command?: Command.Loadable; error?: Error } = {}
  await config.runHook('init', { argv: rest, id })
  try {
    if (argv[0] === '--version') {
      printVersion(config)
      return
    }
    const command = id === undefined ? undefined : config.findCommand(id)
    const isTopic = id !== undefined && command === undefined && config.findTopic(id) !== undefined
    if (asksForHelp(argv) || id === undefined || isTopic) {
      await showHelp(isTopic ? [id] : argv, config)
      return
    }
    if (command !== undefined) run.command = command
    await config.runCommand(id, rest, command)
  } catch (error) {
    run.error = error instanceof Error ? error : new Error(String(error))
    throw error
  } finally {
    const { command: Command, error } = run
    await config.runHook('finally', { argv: rest, id: id ?? '', Command, error })
  }
}

/** The command's name, its topics joined by colons, before its arguments. */
const commandOf = (argv: readonly string[], config: Config): readonly string[] => {
  const words = argv.slice(0, argv.findIndex((arg) => arg.startsWith('-')) >>> 0)
  for (let length = words.length; length > 0; length--) {
    const id = words.slice(0, length).join(':')
    if (
      config.findCommand(id) !== undefined ||
      (length > 1 && config.findTopic(id) !== undefined)
    ) {
      return [id, ...argv.slice(length)]
    }
  }
  return argv
}

const showHelp = async (argv: readonly string[], config: Config): Promise<void> => {
  const { loadHelpClass } = await import('@oclif/core/help')
  const Help = await loadHelpClass(config)
  await new Help(config, config.pjson.oclif.helpOptions).showHelp([...argv])
}
