import { MigrateError } from '@mig/core'
import { nearest } from '../command-line/nearest.ts'
import type { EnvironmentConfig, MigConfig } from './define-config.ts'
import type { ResolvedSetting } from './resolve-setting.ts'

/** What a config file says for the environment of this name. Throws `INVALID_OPTION` for one it does not have. */
export const environmentOf = (
  { environments = {} }: MigConfig,
  { value: name, origin }: ResolvedSetting,
  configFile: string | undefined,
): EnvironmentConfig => {
  if (typeof name !== 'string') return {}
  const environment = Object.hasOwn(environments, name) ? environments[name] : undefined
  if (environment !== undefined) return environment
  const names = Object.keys(environments)
  const guess = nearest(name, names)
  throw new MigrateError(
    'INVALID_OPTION',
    configFile === undefined
      ? `There is no environment "${name}", because there is no config file`
      : `${configFile} has no environment "${name}"`,
    {
      hint:
        guess === undefined
          ? names.length === 0
            ? 'Name environments under "environments" in mig.config.ts.'
            : `Environments are ${names.join(', ')}.`
          : `Did you mean "${guess}"?`,
      details: { option: origin.name },
    },
  )
}
