import { resolve } from 'node:path'
import { MigrateError } from '@mig/core'
import { parseDuration } from './duration.ts'
import {
  settingDefinitions,
  type SettingDefinition,
  type SettingName,
} from './setting-definitions.ts'

/** Which kind of place a value came from. */
type OriginKind = 'flag' | 'environment' | 'dotenv' | 'config' | 'default'

/** Where a value came from. */
interface SettingOrigin {
  readonly kind: OriginKind
  /** For people: `--lock`, `MIG_LOCK`, `.env: MIG_LOCK`, `mig.config.ts`, `default`. */
  readonly name: string
}

/** A setting's value, ready to use: durations in milliseconds, paths absolute. */
export interface ResolvedSetting {
  readonly value: string | number | boolean | undefined
  readonly origin: SettingOrigin
  /** Place of the origin in the order of precedence: 0 goes before all others. */
  readonly rank: number
  /** The folder that a relative path in the value is relative to. */
  readonly folder: string
}

/** One place that settings come from, and the folder that its paths are relative to. */
export interface Layer {
  readonly kind: Exclude<OriginKind, 'default'>
  readonly values: Readonly<Record<string, unknown>>
  readonly folder: string
  /** Name of the file, for layers that are one. */
  readonly name?: string
}

const truths: Readonly<Record<string, boolean>> = {
  1: true,
  true: true,
  yes: true,
  on: true,
  0: false,
  false: false,
  no: false,
  off: false,
}

/** The value of the first layer that has one, else the default. Throws `INVALID_OPTION`. */
export const resolveSetting = (name: SettingName, layers: readonly Layer[]): ResolvedSetting => {
  const definition: SettingDefinition = settingDefinitions[name]
  for (const [rank, layer] of layers.entries()) {
    const found = find(name, definition, layer)
    if (found === undefined) continue
    const value = read(definition, found.value, layer, found.origin.name)
    return { value, origin: found.origin, rank, folder: layer.folder }
  }
  const folder = layers[0]?.folder ?? ''
  return {
    value:
      definition.kind === 'path' && typeof definition.fallback === 'string'
        ? resolve(folder, definition.fallback)
        : definition.fallback,
    folder,
    origin: { kind: 'default', name: 'default' },
    rank: layers.length,
  }
}

const find = (
  name: SettingName,
  definition: SettingDefinition,
  { kind, values, name: file = '' }: Layer,
): { readonly value: unknown; readonly origin: SettingOrigin } | undefined => {
  if (kind === 'flag') {
    const value = values[definition.flag]
    return value === undefined
      ? undefined
      : { value, origin: { kind, name: `--${definition.flag}` } }
  }
  if (kind === 'config') {
    const value = definition.inConfig ? values[name] : undefined
    // As in a variable, nothing counts as not set: `process.env['URL'] ?? ''` is often written.
    return value === undefined || (value === '' && definition.kind === 'text')
      ? undefined
      : { value, origin: { kind, name: file } }
  }
  const variable = definition.variables.find((candidate) => values[candidate] !== undefined)
  if (variable === undefined) return undefined
  const origin = { kind, name: kind === 'dotenv' ? `${file}: ${variable}` : variable }
  return { value: values[variable], origin }
}

const read = (
  definition: SettingDefinition,
  value: unknown,
  layer: Layer,
  origin: string,
): string | number | boolean => {
  const fail = (needs: string): MigrateError =>
    new MigrateError('INVALID_OPTION', `${origin}: "${String(value)}" is not ${needs}`, {
      details: { option: origin },
    })
  const { kind, options, negated = false } = definition
  if (kind === 'boolean') {
    if (typeof value === 'boolean') return layer.kind !== 'config' && negated ? !value : value
    const word = String(value).toLowerCase()
    const truth = Object.hasOwn(truths, word) ? truths[word] : undefined
    if (truth === undefined) throw fail('true or false')
    return negated ? !truth : truth
  }
  const text = String(value)
  if (layer.kind === 'config') refuseReference(text, origin)
  if (kind === 'duration') {
    const ms = parseDuration(text)
    if (ms === undefined) throw fail('a duration: write 500ms, 30s, 2m or 1h')
    return ms
  }
  if (options !== undefined && !options.includes(text)) throw fail(`one of ${options.join(', ')}`)
  return kind === 'path' ? resolve(layer.folder, text) : text
}

/** In a config file `${APP}` would be taken as it stands, and SQLite would make a file of that name. */
const refuseReference = (text: string, origin: string): void => {
  const [reference, name] = /\$\{([A-Za-z_]\w*)\}/.exec(text) ?? []
  if (reference === undefined) return
  throw new MigrateError(
    'INVALID_OPTION',
    `${origin}: "${reference}" stands for a variable, and variables are replaced in .env only`,
    {
      hint: `Write process.env['${name}'] in mig.config.ts, or set the variable of the setting in .env.`,
      details: { option: origin },
    },
  )
}
