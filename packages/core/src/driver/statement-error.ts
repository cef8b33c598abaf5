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

/** Line, column and text of a place in a script. Lines and columns count from 1, columns in characters. */
export const positionOf = (
  script: string,
  offset: number,
): { readonly line: number; readonly column: number; readonly excerpt: string } => {
  let line = 1
  let lineStart = 0
  for (let next = script.indexOf('\n'); next !== -1 && next < offset;) {
    line++
    lineStart = next + 1
    next = script.indexOf('\n', lineStart)
  }
  const lineEnd = script.indexOf('\n', lineStart)
  const excerpt = script.slice(lineStart, lineEnd === -1 ? undefined : lineEnd).replace(/\r$/, '')
  return { line, column: countCharacters(script, lineStart, offset) + 1, excerpt }
}

/** The text of a chunk of a step's script, up to its end by default. */
export const textOf = (
  { script, parsed }: Pick<PreparedStep, 'script' | 'parsed'>,
  start: number,
  end: number = script.length,
): string => parsed.textOf?.(start, end) ?? script.slice(start, end)

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
    failure.index === undefined ? undefined : step.parsed.statements.at(failure.index)
  const offset = failure.offset ?? statement?.start
  const place = offset === undefined ? undefined : positionOf(step.script, offset)
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
        statements: step.parsed.statements.length,
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
