import { parseArgs } from 'node:util'
import { asItIs } from './as-it-is.ts'

/** What is read here of oclif's definitions. */
interface Definition {
  readonly type: 'boolean' | 'option'
  readonly parse: unknown
  readonly char?: string | undefined
  readonly options?: readonly string[] | undefined
  readonly default?: unknown
  readonly required?: boolean | undefined
  readonly multiple?: boolean | undefined
  readonly exclusive?: unknown
  readonly dependsOn?: unknown
}

/** Flags and arguments of a command, by name. */
export interface CommandLineDefinition {
  readonly flags: Readonly<Record<string, object>>
  readonly args: Readonly<Record<string, object>>
}

/** What stands on a command line. */
export interface ParsedCommandLine {
  readonly flags: Readonly<Record<string, unknown>>
  readonly args: Readonly<Record<string, unknown>>
}

/** What a definition may have for the plain way. Any other property can change what a command line means. */
const known = new Set(
  (
    'name type parse input char options default required multiple allowNo exclusive dependsOn ' +
    'ignoreStdin env noCacheDefault helpGroup helpValue summary description'
  ).split(' '),
)

const isPlain = (definition: object): definition is Definition => {
  const { parse, default: fallback, multiple, allowNo } = definition as Record<string, unknown>
  const isSimple = multiple !== true && allowNo !== true && typeof fallback !== 'function'
  return isSimple && parse === asItIs && Object.keys(definition).every((key) => known.has(key))
}

/** Whether a part of the command line could be read in more than one way: `-qv`, `-1`, `-`, `--`. */
const isAmbiguous = (part: string): boolean =>
  part === '' || part === '--' || part === '-' || /^-[^-]./s.test(part)

/**
 * Reads a command line that is in order and simple, by Node's own parser, and gives what oclif's would give. For any
 * other it gives nothing: oclif's is asked then, which knows every rule and explains what is wrong. It is loaded for
 * that only, because loading it takes longer than Node takes to start.
 */
export const parsePlain = (
  argv: readonly string[],
  { flags, args }: CommandLineDefinition,
): ParsedCommandLine | undefined => {
  const all = [...Object.values(flags), ...Object.values(args)]
  if (!all.every(isPlain) || argv.some(isAmbiguous)) return undefined
  const values = valuesOf(argv, flags as Readonly<Record<string, Definition>>)
  if (values === undefined) return undefined
  const named = argumentsOf(values.rest, args as Readonly<Record<string, Definition>>)
  return named === undefined ? undefined : { flags: values.flags, args: named }
}

const valuesOf = (
  argv: readonly string[],
  flags: Readonly<Record<string, Definition>>,
): { readonly flags: Record<string, unknown>; readonly rest: readonly string[] } | undefined => {
  const options = Object.entries(flags).map(([name, { type, char }]) => {
    const kind = type === 'boolean' ? ('boolean' as const) : ('string' as const)
    return [name, char === undefined ? { type: kind } : { type: kind, short: char }] as const
  })
  const { tokens, positionals } = parseArgs({
    args: [...argv],
    options: Object.fromEntries(options),
    allowPositionals: true,
    strict: false,
    tokens: true,
  })
  const values: Record<string, unknown> = {}
  for (const token of tokens) {
    if (token.kind !== 'option') continue
    const { name, value, inlineValue } = token
    const flag = Object.hasOwn(flags, name) ? flags[name] : undefined
    if (flag === undefined || Object.hasOwn(values, name)) return undefined
    if (flag.type === 'boolean') {
      if (value !== undefined) return undefined
      values[name] = true
      continue
    }
    if (value === undefined || value === '') return undefined
    if (inlineValue !== true && value.startsWith('-')) return undefined
    if (flag.options !== undefined && !flag.options.includes(value)) return undefined
    values[name] = value
  }
  for (const [name, flag] of Object.entries(flags)) {
    if (Object.hasOwn(values, name)) {
      if (flag.exclusive !== undefined || flag.dependsOn !== undefined) return undefined
    } else if (flag.required === true) return undefined
    else if (flag.default !== undefined) values[name] = flag.default
  }
  return { flags: values, rest: positionals }
}

const argumentsOf = (
  rest: readonly string[],
  args: Readonly<Record<string, Definition>>,
): Record<string, unknown> | undefined => {
  const entries = Object.entries(args)
  if (rest.length > entries.length) return undefined
  const values: Record<string, unknown> = {}
  for (const [index, [name, arg]] of entries.entries()) {
    const value = rest[index] ?? arg.default
    if (value === undefined && arg.required === true) return undefined
    if (arg.options !== undefined && !arg.options.includes(String(value))) return undefined
    if (value !== undefined) values[name] = value
  }
  return values
}
