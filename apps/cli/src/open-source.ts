import { fileURLToPath } from 'node:url'
import { resolve } from 'node:path'
import { directorySource, MigrateError, type Source } from '@mig/core'
import { relativePath } from './paths.ts'
import type { Settings } from './config/load-settings.ts'

const folderOf = (url: string, base: string): string => {
  const scheme = /^([a-z][a-z0-9+.-]*):\/\//i.exec(url)?.[1]?.toLowerCase()
  if (scheme === undefined) {
    throw new MigrateError('INVALID_OPTION', `"${url}" is no source URL`, {
      hint: 'Write file://DIR, or give a folder with --path.',
      details: { option: 'source' },
    })
  }
  if (scheme !== 'file') {
    throw new MigrateError('UNKNOWN_SCHEME', `No source takes "${scheme}://" URLs`, {
      hint: 'Migrations are read from a folder: file://DIR, or --path DIR.',
      details: { scheme },
    })
  }
  const rest = url.slice('file://'.length)
  // As golang-migrate reads it: what stands behind the slashes is a path, relative unless it begins with one.
  try {
    if (!rest.startsWith('/')) return resolve(base, decodeURIComponent(rest))
    return fileURLToPath(url)
  } catch (error) {
    throw new MigrateError('INVALID_OPTION', `"${url}" is no source URL`, {
      details: { option: 'source' },
      cause: error,
    })
  }
}

/** The folder that the settings name, absolute. */
export const sourceFolder = ({
  path,
  source,
  sourceBase,
}: Pick<Settings, 'path' | 'source' | 'sourceBase'>): string =>
  source === undefined ? path : folderOf(source, sourceBase)

/** The source that the settings name. Its location is what people see: relative where it lies below the working folder. */
export const openSource = (settings: Settings, cwd: string): Source => {
  const folder = sourceFolder(settings)
  const shown = relativePath(folder, cwd)
  const source = directorySource(cwd === process.cwd() ? shown : folder)
  return { ...source, location: shown }
}
