import { isMigrateError, MigrateError } from '@mig/core'

interface ParseErrorShape {
  readonly message: string
  readonly parse: unknown
  readonly args?: readonly unknown[]
  readonly flags?: readonly string[]
}

const isParseError = (error: unknown): error is ParseErrorShape =>
  error instanceof Error && 'parse' in error && 'oclif' in error

const nameOf = (arg: unknown): string =>
  typeof arg === 'object' && arg !== null && 'name' in arg
    ? String(arg.name).toUpperCase()
    : String(arg)

const usageMessage = ({ message, args, flags }: ParseErrorShape): string => {
  const plural = (count: number): string => (count === 1 ? '' : 's')
  if (flags !== undefined) return `Unknown flag${plural(flags.length)}: ${flags.join(', ')}`
  if (args !== undefined && message.startsWith('Missing')) {
    return `Missing argument${plural(args.length)}: ${args.map(nameOf).join(', ')}`
  }
  return message.replace(/\s*See more help with --help\s*$/, '').replace(/\s*\n\s*/g, ' ')
}

const helpHint = (command: string | undefined): string =>
  command === undefined ? 'See "mig help".' : `See "mig ${command} --help".`

/** The exit code of an oclif error that only ends the process and says nothing, or nothing for all others. */
export const silentExitOf = (error: unknown): number | undefined => {
  if (!(error instanceof Error) || !('code' in error) || error.code !== 'EEXIT') return undefined
  const { oclif } = error as { oclif?: { exit?: number } }
  return oclif?.exit ?? 0
}

/** What any thrown value says. */
export const messageOf = (error: unknown): string =>
  error instanceof Error ? error.message || error.name : String(error)

/** Any error as one of mig's own, so that there is one way to print it and one place that knows its exit code. */
export const toMigrateError = (error: unknown, command?: string): MigrateError => {
  if (isMigrateError(error)) return error
  if (isParseError(error)) {
    return new MigrateError('USAGE', usageMessage(error), {
      hint: helpHint(command),
      cause: error,
    })
  }
  if (error instanceof Error) {
    const flag = /^Parsing --(\S+) \n\t([\s\S]*)\nSee more help with --help$/.exec(error.message)
    if (flag !== null) {
      return new MigrateError('USAGE', `--${flag[1]}: ${flag[2]}`, {
        hint: helpHint(command),
        cause: error,
      })
    }
    // What oclif's own plugins tell the user.
    if ('oclif' in error) {
      const suggestions =
        'suggestions' in error && Array.isArray(error.suggestions) ? error.suggestions : []
      return new MigrateError('INTERNAL_ERROR', error.message, {
        ...(suggestions.length === 0 ? {} : { hint: suggestions.join(' ') }),
        cause: error,
      })
    }
  }
  return new MigrateError('INTERNAL_ERROR', messageOf(error), {
    hint: 'Run it again with --verbose to see where it comes from, and report it.',
    cause: error,
  })
}
