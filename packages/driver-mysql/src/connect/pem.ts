import { readFile } from 'node:fs/promises'
import { MigrateError } from '@mig/core/driver'

/** Reads a file that an option names. Throws `INVALID_OPTION`. */
export const readPem = async (option: string, path: string): Promise<string> => {
  try {
    return await readFile(path, 'utf8')
  } catch (error) {
    const reason = error instanceof Error ? error.message : String(error)
    throw new MigrateError('INVALID_OPTION', `${option} cannot be read: ${reason}`, {
      details: { option, file: path },
      cause: error,
    })
  }
}
