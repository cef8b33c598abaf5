import type { CommandConfig } from '../own-config.ts'
import { runtimeOf } from '../runtime.ts'

/** Whether a command line asks for help instead of an action. */
export const asksForHelp = (argv: readonly string[]): boolean => {
  const end = argv.indexOf('--')
  return argv.length === 0 || (end === -1 ? argv : argv.slice(0, end)).includes('--help')
}

/** Answers `--version`. */
export const printVersion = (config: CommandConfig): void =>
  runtimeOf(config).stdout.write(`${config.userAgent}\n`)
