import { readFileSync } from 'node:fs'
import { createRequire } from 'node:module'
import { extname } from 'node:path'
import { pathToFileURL } from 'node:url'
import { MigrateError } from '@mig/core'
import { checkConfig } from './config-schema.ts'
import type { MigConfig } from './define-config.ts'
import { withVariables } from './with-variables.ts'

/** A config file that was read. */
export interface ReadConfig {
  readonly config: MigConfig
  /** Variables that were looked for meanwhile, by the file or by what it loads, and that are not set. */
  readonly unset: readonly string[]
}

/**
 * Loads and checks a config file. `shown` is what messages call it; `variables` are in `process.env` meanwhile, as far as
 * they are not set there. Throws `INVALID_CONFIG`.
 */
export const readConfigFile = async (
  path: string,
  shown: string,
  variables: Readonly<Record<string, string>>,
): Promise<ReadConfig> => {
  let value: unknown
  let unset: readonly string[]
  try {
    const loaded = await withVariables(variables, await loaderOf(path))
    value = loaded.result
    unset = loaded.unset
  } catch (error) {
    const reason = error instanceof Error ? error.message : String(error)
    throw new MigrateError('INVALID_CONFIG', `${shown} cannot be loaded: ${reason}`, {
      details: { file: shown },
      cause: error,
    })
  }
  return { config: checkConfig(value, shown), unset }
}

/** What loads a file of this kind. Made before variables are added, so that they change nothing about the loader itself. */
const loaderOf = async (path: string): Promise<() => Promise<unknown>> => {
  const extension = extname(path)
  if (extension === '.json') {
    return async () => JSON.parse(readFileSync(path, 'utf8').replace(/^\uFEFF/, '')) as unknown
  }
  if (extension === '.ts' || extension === '.mts') return loaderOfTypeScript(path)
  return async () => {
    const module: { default?: unknown } = await import(pathToFileURL(path).href)
    return module.default
  }
}

/**
 * Node strips types without a flag from 22.18 on, and only erasable ones; mig runs from 22.14 on. The alias makes the
 * import of `defineConfig` work in a project that has mig installed globally only.
 */
const loaderOfTypeScript = async (path: string): Promise<() => Promise<unknown>> => {
  const { createJiti } = await import('jiti')
  const own = createRequire(import.meta.url).resolve('@mig/cli/config')
  const jiti = createJiti(import.meta.url, {
    alias: { '@mig/cli/config': own, '@mig/cli': own },
    fsCache: false,
    moduleCache: false,
  })
  return () => jiti.import(path, { default: true })
}
