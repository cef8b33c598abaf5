import { MigrateError } from '../errors/errors.ts'
import type { PreparedStep, StatementFailure } from './driver.ts'

/** How many characters (code points) stand between two offsets. */
const countCharacters = (text: string, from: number, to: number): number => {
  let count = 0
  for (let offset = from; offset < to; count++) {
    offset += (text.codePointAt(offset) ?? 0) > 0xffff ? 2 : 1
  }
  return count
}

/** Line, column and text of a place in a body. Lines and columns count from 1, columns in characters. */
export const positionOf = (
  body: string,
  offset: number,
): { readonly line: number; readonly column: number; readonly excerpt: string } => {
  let line = 1
  let lineStart = 0
  for (let next = body.indexOf('\n'); next !== -1 && next < offset;) {
    line++
    lineStart = next + 1
    next = body.indexOf('\n', lineStart)
  }
  const lineEnd = body.indexOf('\n', lineStart)
  const excerpt = body.slice(lineStart, lineEnd === -1 ? undefined : lineEnd).replace(/\r$/, '')
  return { line, column: countCharacters(body, lineStart, offset) + 1, excerpt }
}

/** The text of a stretch of a step's body, up to its end by default. */
export const textOf = (
  { body, script }: Pick<PreparedStep, 'body' | 'script'>,
  start: number,
  end: number = body.length,
): string => script.textOf?.(start, end) ?? body.slice(start, end)

/** The UTF-16 offset of the n-th character (code point, counted from 1), as servers count positions. */
export const offsetOfCharacter = (text: string, position: number): number => {
  let offset = 0
  for (let n = 1; n < position && offset < text.length; n++) {
    const code = text.codePointAt(offset) ?? 0
    offset += code > 0xffff ? 2 : 1
  }
  return offset
}

/** The `MIGRATION_FAILED` error of a step: where in its file it failed and what the server said. */
export const statementError = (step: PreparedStep, failure: StatementFailure): MigrateError => {
  const statement =
    failure.index === undefined ? undefined : step.script.statements.at(failure.index)
  const offset = failure.offset ?? statement?.start
  const place = offset === undefined ? undefined : positionOf(step.body, offset)
  const name = step.file ?? `${step.version} ${step.direction}`
  const where = place === undefined ? name : `${name}:${place.line}:${place.column}`
  const message = failure.message
  return new MigrateError('MIGRATION_FAILED', `${where}: ${message}`, {
    ...(failure.hint === undefined ? {} : { hint: failure.hint }),
    details: {
      failed: {
        version: step.version,
        direction: step.direction,
        title: step.title,
        ...(step.file === undefined ? {} : { file: step.file }),
        ...(failure.index === undefined ? {} : { statement: failure.index + 1 }),
        statements: step.script.statements.length,
        ...place,
        ...(failure.effect === undefined ? {} : { effect: failure.effect }),
        serverMessage: message,
        ...(failure.serverCode === undefined ? {} : { serverCode: failure.serverCode }),
        ...(failure.serverDetail === undefined ? {} : { serverDetail: failure.serverDetail }),
        ...(failure.serverHint === undefined ? {} : { serverHint: failure.serverHint }),
      },
    },
    cause: failure.cause,
  })
}
