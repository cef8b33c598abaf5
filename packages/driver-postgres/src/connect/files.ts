import { resolve } from 'node:path'
import type { PostgresSettings } from './options.ts'
import { parsePostgresUrl } from './url.ts'

const fileParameters = {
  sslRootCert: 'sslrootcert',
  sslCert: 'sslcert',
  sslKey: 'sslkey',
  passwordFile: 'passfile',
} as const

/** The same settings, with the files that the URL names looked for in the folder where the URL stands. */
export const inFolder = (
  settings: PostgresSettings,
  url: string,
  folder: string | undefined,
): PostgresSettings => {
  if (folder === undefined) return settings
  const { parameters } = parsePostgresUrl(url)
  const files = Object.entries(fileParameters).flatMap(([setting, name]) => {
    const path = parameters.get(name) ?? ''
    // "system" means the authorities of the operating system.
    return path === '' || path === 'system' ? [] : [[setting, resolve(folder, path)]]
  })
  return { ...settings, ...Object.fromEntries(files) }
}
