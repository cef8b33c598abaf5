import { readFile } from 'node:fs/promises'
import { MigrateError, type Direction } from '@mig/core'

/** What a template can name. */
export interface TemplateValues {
  readonly name: string
  readonly version: string
}

const fill = (text: string, values: TemplateValues): string =>
  text.replace(/\{\{\s*(name|version)\s*\}\}/g, (_, key: keyof TemplateValues) => values[key])

/**
 * What a new pair begins with: the files `TEMPLATE.up.sql` and `TEMPLATE.down.sql` with `{{name}}` and `{{version}}`
 * filled in, or nothing. Throws `INVALID_OPTION`.
 */
export const readTemplate = async (
  template: string | undefined,
  extension: string,
  values: TemplateValues,
): Promise<Readonly<Record<Direction, string>>> => {
  if (template === undefined) return { up: '', down: '' }
  const read = async (direction: Direction): Promise<string> => {
    const path = `${template}.${direction}.${extension}`
    try {
      return fill(await readFile(path, 'utf8'), values)
    } catch (error) {
      throw new MigrateError('INVALID_OPTION', `The template "${path}" cannot be read`, {
        hint: `A template is a pair of files, named without ".up.${extension}" and ".down.${extension}".`,
        details: { option: 'template' },
        cause: error,
      })
    }
  }
  return { up: await read('up'), down: await read('down') }
}
