import { positionOf, type Script } from '@mig/core/driver'
import { splitSqlite } from '@mig/sql'

/**
 * Cuts a body into statements. A NUL is a problem of its own: SQLite ends a statement there and says nothing, so that
 * half of one could run.
 */
export const splitBody = (body: string): Script => {
  const script = splitSqlite(body)
  const offset = body.indexOf('\0')
  if (offset === -1) return script
  if (script.problem !== undefined && script.problem.offset < offset) return script
  const { line, column } = positionOf(body, offset)
  return {
    ...script,
    problem: {
      message: 'The file has a NUL character',
      hint: 'Remove it. A file saved as UTF-16 has one in every other place: save it as UTF-8.',
      offset,
      line,
      column,
    },
  }
}
