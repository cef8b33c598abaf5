import { mkdir, readdir, rm, writeFile } from 'node:fs/promises'
import { join } from 'node:path'
import { setTimeout as sleep } from 'node:timers/promises'
import { isMigrateError, MigrateError, parseMigrationFilename, type Direction } from '@mig/core'
import { nextVersion } from './next-version.ts'
import { readTemplate } from './template.ts'

/** What a new migration is made of. */
export interface CreateOptions {
  /** The folder, made where it is missing. */
  readonly folder: string
  readonly name: string
  readonly extension: string
  readonly timestamp: boolean
  readonly template: string | undefined
  readonly now: Date
}

/** A migration that was made. */
export interface CreatedMigration {
  readonly version: string
  readonly up: string
  readonly down: string
}

const directions: readonly Direction[] = ['up', 'down']
const attempts = 100

const codeOf = (error: unknown): string =>
  error instanceof Error && 'code' in error ? String(error.code) : String(error)

/** Writes an empty pair, or one from a template. Throws `SOURCE_FAILED`, `INVALID_OPTION`. */
export const createMigration = async (options: CreateOptions): Promise<CreatedMigration> => {
  const { folder } = options
  try {
    await mkdir(folder, { recursive: true })
    for (let attempt = 1; attempt <= attempts; attempt++) {
      const created = await tryCreate(options)
      if (created !== undefined) return created
      // Another mig was here at the same time and gave way too, perhaps. Not both at the same moment again.
      await sleep(Math.random() * 20 * attempt)
    }
  } catch (error) {
    if (isMigrateError(error)) throw error
    throw new MigrateError('SOURCE_FAILED', `Cannot write to "${folder}": ${codeOf(error)}`, {
      cause: error,
    })
  }
  throw new MigrateError('SOURCE_FAILED', `No version in "${folder}" stayed free long enough`)
}

/**
 * One attempt. The files are made first and the folder is looked at afterwards: of two that take the same version at
 * the same time, at least one sees the other and gives way, since both cannot have looked before the other wrote.
 */
const tryCreate = async (options: CreateOptions): Promise<CreatedMigration | undefined> => {
  const { folder, name, extension, template } = options
  const { text: version } = nextVersion(await readdir(folder), options)
  const scripts = await readTemplate(template, extension, { name, version })
  const made: string[] = []
  try {
    for (const direction of directions) {
      const path = join(folder, `${version}_${name}.${direction}.${extension}`)
      await writeFile(path, scripts[direction], { flag: 'wx' })
      made.push(path)
    }
  } catch (error) {
    await remove(made)
    if (codeOf(error) === 'EEXIST') return undefined
    throw error
  }
  const [up = '', down = ''] = made
  const own = BigInt(version)
  const others = (await readdir(folder)).filter(
    (file) => !made.includes(join(folder, file)) && parseMigrationFilename(file)?.version === own,
  )
  if (others.length === 0) return { version, up, down }
  await remove(made)
  return undefined
}

const remove = async (paths: readonly string[]): Promise<void> => {
  for (const path of paths) await rm(path, { force: true })
}
