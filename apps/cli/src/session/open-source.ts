import { fileURLToPath } from 'node:url'
import { resolve } from 'node:path'
import { directorySource, MigrateError, type Source } from '@mig/core'
import { relativePath } from '../process/paths.ts'
import type { Settings } from '../config/load-settings.ts'

/** The error for a value that is not a URL of a source. It may be a database URL by mistake, so nothing of it is shown. */
const noUrl = (origin: string, cause?: unknown): MigrateError =>
  new MigrateError('INVALID_OPTION', `The value of ${origin} is not a source URL`, {
    hint: 'Write file://DIR, such as file:///srv/migrations, or give a folder with --path.',
    details: { option: 'source' },
    cause,
  })

const folderOf = (url: string, base: string, origin: string): string => {
  const scheme = /^([a-z][a-z0-9+.-]*):\/\//i.exec(url)?.[1]?.toLowerCase()
  if (scheme === undefined) throw noUrl(origin)
  if (scheme !== 'file') {
    throw new MigrateError('UNKNOWN_SCHEME', `No source takes "${scheme}://" URLs`, {
      hint: 'Migrations are read from a folder: file://DIR, or --path DIR.',
      details: { scheme },
    })
  }
  const rest = url.slice('file://'.length)
  // As golang-migrate reads it: what stands after the slashes is a path, relative unless it begins with one.
  try {
    if (!rest.startsWith('/')) return resolve(base, decodeURIComponent(rest))
    return fileURLToPath(url)
  } catch (error) {
    throw noUrl(origin, error)
  }
}

/** The folder that the settings name, absolute. */
export const sourceFolder = ({
  path,
  source,
  sourceBase,
  resolved,
}: Pick<Settings, 'path' | 'source' | 'sourceBase' | 'resolved'>): string =>
  source === undefined ? path : folderOf(source, sourceBase, resolved.source.origin.name)

/** The source that the settings name. Its location is what people see: relative where it lies below the working folder. */
export const openSource = (settings: Settings, cwd: string): Source => {
  const folder = sourceFolder(settings)
  const shown = relativePath(folder, cwd)
  const source = directorySource(cwd === process.cwd() ? shown : folder)
  return { ...source, location: shown }
}
