import type { CommandConfig } from '../oclif/command-config.ts'
import { field, lines } from '@mig/app-kit/terminal'
import { runtimeOf } from '../process/runtime.ts'

/** Whether a command line asks for help instead of an action. */
export const asksForHelp = (argv: readonly string[]): boolean => {
  const end = argv.indexOf('--')
  return argv.length === 0 || (end === -1 ? argv : argv.slice(0, end)).includes('--help')
}

/** Answers `--version`. */
export const printVersion = (config: CommandConfig): void =>
  runtimeOf(config).stdout.write(lines(field(config.userAgent)))
