import { NotExistError, type MigrateSource, type SourceScript } from './file-source.ts'

/** What there is to do is nothing. Told from others by identity. */
export const noChange: Error = new Error('no change')

/** The largest version that a database can hold. */
const maxVersion = 9_223_372_036_854_775_807n

/** One version to move over, its script opened. */
export interface PlannedStep {
  readonly version: bigint
  /** The version afterwards; `-1n` is none. */
  readonly target: bigint
  readonly script?: SourceScript
  /** Such as `1485949617/u create_users`. */
  readonly label: string
  /** When it was planned, in nanoseconds of the process's clock. */
  readonly plannedAt: bigint
}

/** What planning needs to know and to tell. */
export interface PlanInput {
  readonly source: MigrateSource
  /** Asked before each step. */
  readonly shouldStop: () => boolean
  /** A step has been planned. */
  readonly planned: (step: PlannedStep) => void
  /** An error is told at once, and once more when its turn comes. */
  readonly failed: (error: Error) => void
}

/** Steps in order. An error is thrown in its place: what stands before it is done first. */
export type Plan = Generator<PlannedStep, void>

const isMissing = (error: unknown): boolean => error instanceof NotExistError

const orUndefined = <Value>(find: () => Value): Value | undefined => {
  try {
    return find()
  } catch (error) {
    if (isMissing(error)) return undefined
    throw error
  }
}

/** Throws unless one of the two scripts of a version is there. */
const requireVersion = ({ source, failed }: PlanInput, version: bigint): void => {
  const up = orUndefined(() => source.open(version, 'up'))
  up?.close()
  if (up !== undefined) return
  try {
    source.open(version, 'down').close()
  } catch (error) {
    if (!isMissing(error)) throw error
    const text = error instanceof Error ? error.message : String(error)
    const explained = new NotExistError(`no migration found for version ${version}: ${text}`)
    failed(explained)
    throw explained
  }
}

const makeStep = (input: PlanInput, version: bigint, target: bigint): PlannedStep => {
  if (version > maxVersion) {
    // golang-migrate takes it for negative, runs its script, stores nothing and then crashes.
    throw new Error(`version ${version} is too large, the largest one is ${maxVersion}`)
  }
  const goesUp = target >= version
  const script = orUndefined(() => input.source.open(version, goesUp ? 'up' : 'down'))
  const step: PlannedStep = {
    version,
    target,
    ...(script === undefined ? {} : { script }),
    label: `${version}/${goesUp ? 'u' : 'd'} ${script?.identifier ?? '<empty>'}`,
    plannedAt: process.hrtime.bigint(),
  }
  input.planned(step)
  return step
}

/** All steps up from a version, or as many as the limit says. */
export function* planUp(input: PlanInput, from: bigint, limit?: bigint): Plan {
  if (from >= 0n) requireVersion(input, from)
  let current = from
  for (let count = 0n; limit === undefined || count < limit; count++) {
    if (input.shouldStop()) return
    const before = current
    const next =
      before === -1n ? input.source.first() : orUndefined(() => input.source.next(before))
    if (next === undefined) {
      if (limit === undefined) {
        if (count === 0n) throw noChange
        return
      }
      throw shortOf(limit, count)
    }
    yield makeStep(input, next, next)
    current = next
  }
}

const shortOf = (limit: bigint, count: bigint): Error =>
  count === 0n
    ? new NotExistError('file does not exist')
    : new Error(`limit ${limit - count} short`)

/** All steps down from a version, or as many as the limit says. */
export function* planDown(input: PlanInput, from: bigint, limit?: bigint): Plan {
  if (from >= 0n) requireVersion(input, from)
  if (from === -1n) throw limit === undefined ? noChange : new NotExistError('file does not exist')
  let current = from
  for (let count = 0n; limit === undefined || count < limit; count++) {
    if (input.shouldStop()) return
    const before = current
    const previous = orUndefined(() => input.source.prev(before))
    if (previous === undefined) {
      yield makeStep(input, input.source.first(), -1n)
      if (limit !== undefined && count + 1n < limit) throw shortOf(limit, count + 1n)
      return
    }
    yield makeStep(input, current, previous)
    current = previous
  }
}

/** All steps from one version to another. */
export function* planGoto(input: PlanInput, from: bigint, to: bigint): Plan {
  if (from >= 0n) requireVersion(input, from)
  if (to >= 0n) requireVersion(input, to)
  if (from === to) throw noChange
  if (from < to) yield* planUpTo(input, from, to)
  else yield* planDownTo(input, from, to)
}

function* planUpTo(input: PlanInput, from: bigint, to: bigint): Plan {
  let current = from
  if (current === -1n) {
    current = input.source.first()
    yield makeStep(input, current, current)
  }
  while (current < to) {
    if (input.shouldStop()) return
    current = input.source.next(current)
    yield makeStep(input, current, current)
  }
}

function* planDownTo(input: PlanInput, from: bigint, to: bigint): Plan {
  let current = from
  while (current > to && current >= 0n) {
    if (input.shouldStop()) return
    const before = current
    const previous =
      to === -1n ? orUndefined(() => input.source.prev(before)) : input.source.prev(before)
    yield makeStep(input, current, previous ?? -1n)
    if (previous === undefined) return
    current = previous
  }
}
