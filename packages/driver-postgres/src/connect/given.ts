import { unknownParameterNote } from '@mig/core/driver'
import { postgresParameters } from './connection-parameters.ts'
import { readService } from './service.ts'
import { parsePostgresUrl } from './url.ts'

/** What URL, service file and environment say, in this order. */
export interface GivenParameters {
  /** The value of a parameter by its first name. An empty one counts as none. */
  readonly read: (name: string) => string | undefined
  /** The same, of the URL alone. */
  readonly inUrl: (name: string) => string | undefined
  /** Settings of the session, which go to the server as they are. */
  readonly session: ReadonlyMap<string, string>
  /** What a person should know of parameters without effect. */
  readonly notes: readonly string[]
}

interface Layer {
  readonly known: ReadonlyMap<string, string>
  readonly session: ReadonlyMap<string, string>
}

/** Sorts parameters by the table. Throws `INVALID_OPTION` for one that is refused. */
const sort = (
  parameters: Iterable<readonly [name: string, value: string, variable?: string]>,
  notes: Set<string>,
): Layer => {
  const known = new Map<string, string>()
  const session = new Map<string, string>()
  for (const [name, value, variable] of parameters) {
    const parameter = postgresParameters.find(name)
    if (parameter === undefined) {
      if (name.startsWith('x-')) notes.add(unknownParameterNote(name))
      else session.set(name, value)
      continue
    }
    const note = postgresParameters.check(variable ?? name, parameter)
    if (note !== undefined) notes.add(note)
    const [first = name] = parameter.names
    if (sessionSettings.has(first)) session.set(first, value)
    else if (value !== '') known.set(first, value)
  }
  return { known, session }
}

/** Settings of the session that are in the table for the variables that stand for them. */
const sessionSettings: ReadonlySet<string> = new Set(['TimeZone', 'DateStyle', 'geqo'])

const inEnvironment = function* (
  environment: Readonly<Record<string, string>>,
): Generator<readonly [name: string, value: string, variable: string]> {
  for (const { names, variables } of postgresParameters.all) {
    for (const variable of variables) {
      const value = environment[variable]
      if (names[0] !== undefined && value !== undefined && value !== '') {
        yield [names[0], value, variable]
      }
    }
  }
}

/**
 * The URL's own parts among its parameters. As in libpq a parameter names the host, and here the URL itself names
 * everything else before a parameter does.
 */
const inUrl = (url: string): ReadonlyMap<string, string> => {
  const { host, port, user, password, database, parameters } = parsePostgresUrl(url)
  const own = { port, user, password, dbname: database }
  const named = new Map([...(host === undefined ? [] : [['host', host] as const]), ...parameters])
  for (const [name, value] of Object.entries(own)) if (value !== undefined) named.set(name, value)
  return named
}

/** Reads all three places. Throws `INVALID_OPTION`. */
export const givenParameters = (
  url: string | undefined,
  environment: Readonly<Record<string, string>>,
): GivenParameters => {
  const notes = new Set<string>()
  const fromUrl = sort(url === undefined ? [] : inUrl(url), notes)
  const fromEnvironment = sort(inEnvironment(environment), notes)
  const layers = [fromUrl, fromEnvironment]
  const read = (name: string): string | undefined =>
    layers.map(({ known }) => known.get(name)).find((value) => value !== undefined)
  const service = read('service')
  if (service !== undefined) {
    const found = readService(service, {
      file: read('servicefile'),
      folder: environment['PGSYSCONFDIR'],
    })
    layers.splice(1, 0, sort(found, notes))
  }
  return {
    read,
    inUrl: (name) => fromUrl.known.get(name),
    session: new Map(layers.toReversed().flatMap(({ session }) => [...session])),
    notes: [...notes],
  }
}
