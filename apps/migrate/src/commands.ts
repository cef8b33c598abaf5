import { goParseInt, goParseUint, toError } from '@mig/golang-migrate'
import { createMigration } from './create.ts'
import type { Engine } from './engine.ts'
import { ExitError } from './exit-error.ts'
import { loadZone } from './go-time-zone.ts'
import type { Log } from './log.ts'
import { noChange } from './plan.ts'
import { isYes, readLine } from './prompt.ts'
import type { ParsedFlags } from './go-flags.ts'

/** What a command works with. */
export interface CommandInput extends ParsedFlags {
  readonly log: Log
  /** The engine. Throws what kept it from being opened. */
  readonly engine: () => Engine
  /** In nanoseconds since 1970. */
  readonly startedAt: bigint
}

/** Ends the process with a line. */
const fail = (text: string): never => {
  throw new ExitError(1, text)
}

/** Nothing to do is said and is not a failure. */
const tolerant = async (log: Log, operation: Promise<void>): Promise<void> => {
  try {
    await operation
  } catch (error) {
    if (error !== noChange) throw error
    log.line(noChange.message)
  }
}

/** A whole number as Go holds it in 64 bits with a sign: what is too large turns negative. */
const wrap = (value: bigint): bigint => BigInt.asIntN(64, value)

const read = <Value>(text: string, parse: (text: string) => Value, complaint: string): Value => {
  try {
    return parse(text)
  } catch {
    return fail(complaint)
  }
}

const readLimit = (text: string): bigint =>
  wrap(read(text, goParseUint, "error: can't read limit argument N"))

/** `up [N]` */
export const up = async ({ rest: [limit], log, engine }: CommandInput): Promise<void> => {
  const opened = engine()
  const count = limit === undefined ? -1n : readLimit(limit)
  await tolerant(log, count < 0n ? opened.up() : opened.steps(count))
}

/** `down [-all] [N]` */
export const down = async ({ values, rest, log, engine }: CommandInput): Promise<void> => {
  const opened = engine()
  const [limit] = rest
  const all = values['all'] === 'true'
  if (all && rest.length > 0) fail('error: -all cannot be used with other arguments')
  if (rest.length > 1) fail('error: too many arguments')
  const count = limit === undefined ? -1n : readLimit(limit)
  if (limit === undefined && !all) {
    log.line('Are you sure you want to apply all down migrations? [y/N]')
    if (!isYes(await readLine(process.stdin))) fail('Not applying all down migrations')
    log.line('Applying all down migrations')
  }
  await tolerant(log, count < 0n ? opened.down() : opened.steps(-count))
}

/** `goto V` */
export const goto = async ({ rest: [text], log, engine }: CommandInput): Promise<void> => {
  const opened = engine()
  if (text === undefined) return fail('error: please specify version argument V')
  const version = wrap(read(text, goParseUint, "error: can't read version argument V"))
  await tolerant(log, opened.goto(version))
}

/** `drop [-f]`, which asks before it says that the database could not be opened. */
export const drop = async ({ values, log, engine }: CommandInput): Promise<void> => {
  if (values['f'] !== 'true') {
    log.line('Are you sure you want to drop the entire database schema? [y/N]')
    if (!isYes(await readLine(process.stdin))) fail('Aborted dropping the entire database schema')
    log.line('Dropping the entire database schema')
  }
  await engine().drop()
}

/** `force V` */
export const force = async ({ rest: [text], engine }: CommandInput): Promise<void> => {
  const opened = engine()
  if (text === undefined) return fail('error: please specify version argument V')
  const version = read(text, goParseInt, "error: can't read version argument V")
  if (version < -1n) return fail('error: argument V must be >= -1')
  await opened.force(version)
}

/** `version` */
export const version = async ({ log, engine }: CommandInput): Promise<void> => {
  const state = await engine().version()
  log.line(state.dirty ? `${state.version} (dirty)` : `${state.version}`)
}

/** `create [-ext E] [-dir D] [-seq] [-digits N] [-format] [-tz] NAME` */
export const create = async (input: CommandInput): Promise<void> => {
  const { values, rest, log, startedAt } = input
  const [name] = rest
  const { ext = '', dir = '', format = '', tz = '', seq, digits = '' } = values
  if (name === undefined) return fail('error: please specify name')
  if (ext === '') return fail('error: -ext flag must be specified')
  const zone = findZone(tz)
  createMigration(
    { dir, ext, name, format, seq: seq === 'true', digits: BigInt(digits), zone, startedAt },
    log.line,
  )
}

/** The one error that has no "error: " in front. */
const findZone = (name: string): ReturnType<typeof loadZone> => {
  try {
    return loadZone(name, process.env)
  } catch (error) {
    return fail(toError(error).message)
  }
}
