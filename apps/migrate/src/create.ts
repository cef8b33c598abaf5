import { closeSync, mkdirSync, openSync, statSync } from 'node:fs'
import { basename, dirname, join, normalize, resolve } from 'node:path'
import { goParseUint, systemCode, systemText } from '@mig/golang-migrate'
import { goGlob } from './go-glob.ts'
import { formatGoTime } from './go-time-layout.ts'
import { timeIn, type GoZone } from './go-time-zone.ts'
import { defaultTimeFormat } from './usage.ts'

/** What `create` was asked for. */
export interface CreateOptions {
  readonly dir: string
  readonly ext: string
  readonly name: string
  readonly format: string
  readonly seq: boolean
  readonly digits: bigint
  readonly zone: GoZone
  /** In nanoseconds since 1970. */
  readonly startedAt: bigint
}

/** The version after the last of the files, with leading zeros. */
export const nextSequence = (files: readonly string[], digits: bigint): string => {
  if (digits <= 0n) throw new Error('digits must be positive')
  const version = followingNumber(files.at(-1)).toString().padStart(Number(digits), '0')
  if (version.length > digits) {
    throw new Error(
      `next sequence number ${version} too large, at most ${digits} digits are allowed`,
    )
  }
  return version
}

const followingNumber = (last: string | undefined): bigint => {
  if (last === undefined) return 1n
  const name = basename(last)
  const underscore = name.indexOf('_')
  if (underscore < 1) throw new Error(`malformed migration filename: ${last}`)
  return BigInt.asUintN(64, goParseUint(name.slice(0, underscore)) + 1n)
}

/** A version made of the time. */
export const timeVersion = (zone: GoZone, startedAt: bigint, format: string): string => {
  switch (format) {
    case '':
      throw new Error('time format may not be empty')
    case 'unix':
      return (startedAt / 1_000_000_000n).toString()
    case 'unixNano':
      return startedAt.toString()
    default:
      return formatGoTime(timeIn(zone, startedAt), format)
  }
}

/** Makes the two files and tells the path of each. */
export const createMigration = (options: CreateOptions, tell: (path: string) => void): void => {
  const { name, format, seq, digits, zone, startedAt } = options
  if (seq && format !== defaultTimeFormat) {
    throw new Error('the seq and format options are mutually exclusive')
  }
  const dir = cleanPath(options.dir)
  const ext = `.${options.ext.replace(/^\./, '')}`
  const version = seq
    ? nextSequence(goGlob(join(dir, `*${ext}`)), digits)
    : timeVersion(zone, startedAt, format)
  if (goGlob(join(dir, `${version}_*${ext}`)).length > 0) {
    throw new Error(`duplicate migration version: ${version}`)
  }
  makeFolder(dir)
  for (const direction of ['up', 'down']) {
    const path = join(dir, `${version}_${name}.${direction}${ext}`)
    makeFile(path)
    tell(resolve(path))
  }
}

/** The shortest name of the same path, without a slash at its end. */
const cleanPath = (path: string): string => {
  const normal = normalize(path)
  return normal.length > 1 ? normal.replace(/\/+$/, '') : normal
}

const pathError = (operation: string, path: string, error: unknown): Error =>
  new Error(`${operation} ${path}: ${systemText(error)}`, { cause: error })

const isFolder = (path: string): boolean | undefined => {
  try {
    return statSync(path, { throwIfNoEntry: false })?.isDirectory()
  } catch {
    return undefined
  }
}

const makeFolder = (path: string): void => {
  const folder = isFolder(path)
  if (folder === true) return
  if (folder === false) throw new Error(`mkdir ${path}: not a directory`)
  const parent = dirname(path)
  if (parent !== path) makeFolder(parent)
  try {
    mkdirSync(path)
  } catch (error) {
    if (systemCode(error) !== 'EEXIST' || isFolder(path) !== true) {
      throw pathError('mkdir', path, error)
    }
  }
}

const makeFile = (path: string): void => {
  try {
    closeSync(openSync(path, 'wx+'))
  } catch (error) {
    throw pathError('open', path, error)
  }
}
