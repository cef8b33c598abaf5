import { MigrateError } from '@mig/core'
import type { EnvironmentConfig, MigConfig } from './define-config.ts'
import { nearest } from '../command-line/nearest.ts'
import { parseDuration } from './duration.ts'
import { settingDefinitions, settingNames, type SettingDefinition } from './setting-definitions.ts'

const ownKeys = settingNames.filter((name) => settingDefinitions[name].inConfig && name !== 'env')
const environmentKeys: readonly string[] = [...ownKeys, 'protected']
const fileKeys: readonly string[] = [...environmentKeys, 'env', 'environments']

const isRecord = (value: unknown): value is Record<string, unknown> =>
  typeof value === 'object' && value !== null && !Array.isArray(value)

/**
 * Checks what a config file exports. A key that means nothing is refused, since a mistyped `protected` would protect
 * nothing. Throws `INVALID_CONFIG`.
 */
export const checkConfig = (value: unknown, file: string): MigConfig => {
  if (!isRecord(value)) {
    throw invalid(
      file,
      'does not export a config object',
      'Write "export default defineConfig({ … })".',
    )
  }
  checkKeys(value, fileKeys, file, '')
  checkEnvironment(value, file, '')
  const { env, environments } = value
  if (env !== undefined && typeof env !== 'string') throw invalid(file, '"env" must be a text')
  if (environments !== undefined) {
    if (!isRecord(environments)) throw invalid(file, '"environments" must be an object')
    for (const [name, environment] of Object.entries(environments)) {
      const place = `environments.${name}`
      if (!isRecord(environment)) throw invalid(file, `"${place}" must be an object`)
      checkKeys(environment, environmentKeys, file, `${place}.`)
      checkEnvironment(environment, file, `${place}.`)
    }
  }
  return value
}

const checkKeys = (
  value: Record<string, unknown>,
  known: readonly string[],
  file: string,
  prefix: string,
): void => {
  for (const key of Object.keys(value)) {
    if (known.includes(key)) continue
    const guess = nearest(key, known)
    throw invalid(
      file,
      `"${prefix}${key}" is not a setting`,
      guess === undefined
        ? `Settings are ${known.join(', ')}.`
        : `Did you mean "${prefix}${guess}"?`,
    )
  }
}

const checkEnvironment = (
  value: Record<string, unknown> & EnvironmentConfig,
  file: string,
  prefix: string,
): void => {
  if (value.protected !== undefined && typeof value.protected !== 'boolean') {
    throw invalid(file, `"${prefix}protected" must be true or false`)
  }
  for (const name of ownKeys) {
    const setting: unknown = value[name as keyof EnvironmentConfig]
    const problem = setting === undefined ? undefined : problemOf(settingDefinitions[name], setting)
    if (problem !== undefined) throw invalid(file, `"${prefix}${name}" must be ${problem}`)
  }
}

const problemOf = (definition: SettingDefinition, value: unknown): string | undefined => {
  if (definition.kind === 'boolean') return typeof value === 'boolean' ? undefined : 'true or false'
  if (typeof value !== 'string') return 'a text'
  if (definition.kind === 'duration') {
    return parseDuration(value) === undefined ? 'a duration such as "30s"' : undefined
  }
  const { options } = definition
  return options === undefined || options.includes(value)
    ? undefined
    : `one of ${options.join(', ')}`
}

const invalid = (file: string, problem: string, hint?: string): MigrateError =>
  new MigrateError('INVALID_CONFIG', `${file}: ${problem}`, {
    ...(hint === undefined ? {} : { hint }),
    details: { file },
  })
