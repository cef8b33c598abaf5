import { MigrateError } from '../errors/errors.ts'

/**
 * What becomes of a connection parameter:
 *
 * - `used`: it does what it says.
 * - `always`: what it asks for is so anyway.
 * - `ignored`: it has no effect and that harms nobody. A note says so.
 * - `refused`: it is an error, which says what to do instead.
 */
export type ParameterFate = 'used' | 'always' | 'ignored' | 'refused'

/** A parameter that people put into database URLs, their own tools' among them. */
export interface ConnectionParameter {
  /** Its spellings, the first one as the documentation has it. Case, and `-` or `_`, make no difference. */
  readonly names: readonly string[]
  /** Environment variables that stand for it where the URL leaves it out. */
  readonly variables: readonly string[]
  /** Whose it is, such as `libpq` or `Prisma`. */
  readonly of: string
  readonly fate: ParameterFate
  /** What it does; why it may be ignored; what to do instead. */
  readonly text: string
}

/** All parameters that a driver knows. Everything it reads of a URL goes by this. */
export interface ConnectionParameters {
  readonly all: readonly ConnectionParameter[]
  /** The parameter that a name in a URL stands for. */
  find(name: string): ConnectionParameter | undefined
  /** What to say of an ignored parameter, once. Throws `INVALID_OPTION` for a refused one. */
  check(name: string, parameter: ConnectionParameter): string | undefined
}

/** One parameter for {@link parameterRows}. Several names, or variables, stand in one text with blanks between. */
export type ParameterRow = readonly [names: string, text: string, variables?: string]

const words = (text: string): readonly string[] => text.split(' ').filter((word) => word !== '')

/** Parameters of one owner that share a fate. */
export const parameterRows = (
  of: string,
  fate: ParameterFate,
  rows: readonly ParameterRow[],
): readonly ConnectionParameter[] =>
  rows.map(([names, text, variables = '']) => ({
    names: words(names),
    variables: words(variables),
    of,
    fate,
    text,
  }))

/** Spellings that differ in case or in dashes only. golang-migrate's own parameters have one spelling. */
const plain = (name: string): string =>
  name.startsWith('x-') ? name : name.toLowerCase().replaceAll('-', '_')

/** Makes a table of parameters usable. */
export const connectionParameters = (all: readonly ConnectionParameter[]): ConnectionParameters => {
  const byName = new Map(
    all.flatMap((parameter) => parameter.names.map((name) => [plain(name), parameter] as const)),
  )
  return {
    all,
    find: (name) => byName.get(plain(name)),
    check: (name, { fate, text }) => {
      if (fate === 'refused') {
        throw new MigrateError('INVALID_OPTION', `mig cannot do what "${name}" asks for`, {
          hint: text,
          details: { option: name },
        })
      }
      return fate === 'ignored' ? `"${name}" has no effect. ${text}` : undefined
    },
  }
}

/** What to say of a parameter that begins like golang-migrate's own and is none of them. */
export const unknownParameterNote = (name: string): string =>
  `"${name}" is not a parameter of mig, and has no effect.`

/**
 * Throws `INVALID_OPTION` for a URL with something like `${NAME}` in it: a shell or a file was to put a value there, and
 * taken as it stands it would name a database that nobody meant. Nothing of the URL is shown, for it may be a secret.
 */
export const refuseVariables = (url: string, hint: string): void => {
  if (!/\$\{\w+(?::?[-?+=][^}]*)?\}/.test(url)) return
  throw new MigrateError(
    'INVALID_OPTION',
    'The database URL holds a variable such as "${NAME}", and variables are not expanded there',
    { hint, details: { option: 'database' } },
  )
}
