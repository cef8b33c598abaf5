import {
  goQuote,
  maskUrl,
  parseGoUrl,
  schemeOfUrl,
  toError,
  type DropInDriver,
} from '@mig/golang-migrate'
import { Engine } from './engine.ts'
import { openFileSource, type MigrateSource } from './file-source.ts'
import { findDropIn } from './find-drop-in.ts'
import type { Redactor } from '@mig/app-kit/secrets'
import type { Log } from './log.ts'

/** What the options before the command say. */
export interface OpenOptions {
  readonly sourceUrl: string
  readonly databaseUrl: string
  readonly prefetch: bigint
  readonly lockTimeout: bigint
  readonly log: Log
  /** Hears of passwords that a driver finds. */
  readonly redactor: Redactor
}

/** The sources that `migrate` can read. */
export const sourceSchemes: readonly string[] = ['file']

const explained = <Value>(prefix: string, open: () => Value): Value => {
  try {
    return open()
  } catch (error) {
    throw new Error(`${prefix}: ${toError(error).message}`, { cause: error })
  }
}

const openSource = (url: string): MigrateSource => {
  const { scheme } = parseGoUrl(url)
  if (scheme === '') throw new Error('source driver: invalid URL scheme')
  if (scheme === 'file') return openFileSource(url)
  throw new Error(`source driver: unknown driver '${scheme}' (forgotten import?)`)
}

const openDatabase = async (
  url: string,
  scheme: string,
  redactor: Redactor,
): Promise<DropInDriver> => {
  try {
    const module = await findDropIn(scheme, process.cwd())
    if (module === undefined) {
      throw new Error(`database driver: unknown driver ${scheme} (forgotten import?)`)
    }
    return await module.openDropIn(url, {
      environment: process.env,
      onSecret: (secret) => redactor.add(secret),
    })
  } catch (error) {
    throw new Error(`failed to open database: ${toError(error).message}`, { cause: error })
  }
}

/** Opens source and database, in golang-migrate's order, which decides which of two errors is seen. */
export const openEngine = async (options: OpenOptions): Promise<Engine> => {
  const { sourceUrl, databaseUrl, log, redactor, prefetch, lockTimeout } = options
  explained('failed to parse scheme from source URL', () => schemeOfUrl(sourceUrl))
  const scheme = explained('failed to parse scheme from database URL', () =>
    schemeOfUrl(databaseUrl),
  )
  const source = explained(`failed to open source, ${goQuote(maskUrl(sourceUrl))}`, () =>
    openSource(sourceUrl),
  )
  const database = await openDatabase(databaseUrl, scheme, redactor)
  return new Engine({
    source,
    database,
    log,
    prefetch,
    lockTimeout,
    redact: (text) => redactor.redact(text),
  })
}
