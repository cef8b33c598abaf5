import { positionOf, type ParsedScript } from '@mig/core/driver'
import { splitSqlite } from '@mig/sql'

/**
 * Cuts a script into statements. A NUL is a problem of its own: SQLite ends a statement there and says nothing, so that
 * half of one could run.
 */
export const splitScript = (script: string): ParsedScript => {
  const parsed = splitSqlite(script)
  const offset = script.indexOf('\0')
  if (offset === -1) return parsed
  if (parsed.problem !== undefined && parsed.problem.offset < offset) return parsed
  const { line, column } = positionOf(script, offset)
  return {
    ...parsed,
    problem: {
      message: 'The file has a NUL character',
      hint: 'Remove it. A file saved as UTF-16 has one in every other place: save it as UTF-8.',
      offset,
      line,
      column,
    },
  }
}
