import { goParseBool, goQuote } from '@mig/golang-migrate'
import { goParseIntLiteral } from './go-int-literal.ts'

/** One flag of a command, as Go's `flag` package knows it. */
interface GoFlag {
  readonly type: 'bool' | 'int' | 'string' | 'uint'
  readonly usage: string
  /** The value where the flag is not given. A text for every type; the zero value is not shown in usages. */
  readonly default?: string
}

/** The flags of a command by name, without dashes. */
export type GoFlagSet = Readonly<Record<string, GoFlag>>

/** What came of a command line: values by name, and what follows the flags. */
export interface ParsedFlags {
  readonly values: Readonly<Record<string, string>>
  readonly rest: readonly string[]
}

/** Why a command line could not be read. With `help` somebody asked for the usage. */
export type FlagProblem =
  { readonly help: true } | { readonly help: false; readonly message: string }

/** A command line that could not be read. */
export class FlagError extends Error {
  readonly help: boolean

  constructor(problem: FlagProblem) {
    super(problem.help ? 'flag: help requested' : problem.message)
    this.help = problem.help
  }
}

const fail = (message: string): never => {
  throw new FlagError({ help: false, message })
}

const zeroValues: Readonly<Record<GoFlag['type'], string>> = {
  bool: 'false',
  int: '0',
  string: '',
  uint: '0',
}

/** Reads flags up to the first argument that is none, or up to `--`. Throws {@link FlagError}. */
export const parseGoFlags = (flags: GoFlagSet, args: readonly string[]): ParsedFlags => {
  const values: Record<string, string> = {}
  for (const [name, flag] of Object.entries(flags)) {
    values[name] = flag.default ?? zeroValues[flag.type]
  }
  const rest = [...args]
  for (;;) {
    const [word] = rest
    if (word === undefined || word.length < 2 || !word.startsWith('-')) return { values, rest }
    rest.shift()
    if (word === '--') return { values, rest }
    const [name, value] = splitWord(word)
    const flag = Object.hasOwn(flags, name) ? flags[name] : undefined
    if (flag === undefined) {
      if (name === 'help' || name === 'h') throw new FlagError({ help: true })
      return fail(`flag provided but not defined: -${name}`)
    }
    if (flag.type === 'bool') values[name] = readBoolean(name, value ?? 'true')
    else {
      const given = value ?? rest.shift() ?? fail(`flag needs an argument: -${name}`)
      values[name] = readValue(name, flag, given)
    }
  }
}

const splitWord = (word: string): readonly [name: string, value?: string] => {
  const text = word.slice(word.startsWith('--') ? 2 : 1)
  if (/^[-=]/.test(text)) return fail(`bad flag syntax: ${word}`)
  const equals = text.indexOf('=')
  return equals < 0 ? [text] : [text.slice(0, equals), text.slice(equals + 1)]
}

const readBoolean = (name: string, value: string): string => {
  try {
    return String(goParseBool(value))
  } catch {
    return fail(`invalid boolean value ${goQuote(value)} for -${name}: parse error`)
  }
}

const readValue = (name: string, { type }: GoFlag, value: string): string => {
  if (type === 'string') return value
  const number = goParseIntLiteral(value)
  const inRange = (n: bigint): boolean =>
    (type === 'uint' ? BigInt.asUintN(64, n) : BigInt.asIntN(64, n)) === n
  const signed = /^[+-]/.test(value)
  if (number !== undefined && !(type === 'uint' && signed)) {
    if (inRange(number)) return number.toString()
    return fail(`invalid value ${goQuote(value)} for flag -${name}: value out of range`)
  }
  return fail(`invalid value ${goQuote(value)} for flag -${name}: parse error`)
}

/** The flags of a command with their defaults, as Go prints them. */
export const formatFlagDefaults = (flags: GoFlagSet): string =>
  Object.entries(flags)
    .toSorted(([a], [b]) => (a < b ? -1 : 1))
    .map(([name, flag]) => `${formatFlag(name, flag)}\n`)
    .join('')

const formatFlag = (
  name: string,
  { type, usage, default: preset = zeroValues[type] }: GoFlag,
): string => {
  const head = type === 'bool' ? `  -${name}` : `  -${name} ${type}`
  const gap = head.length <= 4 ? '\t' : '\n    \t'
  const shown = type === 'string' ? goQuote(preset) : preset
  const suffix = preset === zeroValues[type] ? '' : ` (default ${shown})`
  return `${head}${gap}${usage.replaceAll('\n', '\n    \t')}${suffix}`
}
