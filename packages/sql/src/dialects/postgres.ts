import { CLOSE, END, FAULT, OPEN, SEMICOLON, WORD, readTokens } from '../lexer.ts'
import type { ParsedScript } from '../script.ts'
import { ScriptBuilder } from '../statements.ts'
import { PostgresLexer } from './postgres-lexer.ts'
import { PostgresRoles } from './postgres-roles.ts'

/** What a PostgreSQL script's meaning depends on besides its text. */
export interface PostgresSplitOptions {
  /**
   * The server's `standard_conforming_strings`. Where it is off, a backslash in an ordinary string takes the next
   * character along. Default is `true`.
   */
  readonly standardConformingStrings?: boolean
  /** The server's `server_version_num`, such as 110022. Default is a current one. */
  readonly serverVersion?: number
}

/**
 * Cuts a PostgreSQL script into statements, as psql would.
 *
 * psql meta-commands and `COPY … FROM STDIN` are reported as a problem, since only psql can run them.
 *
 * @example
 * ```ts
 * import { splitPostgres } from '@mig/sql'
 *
 * const { statements, problem } = splitPostgres('create table a (i int); create index concurrently b on a (i)')
 * console.log(problem, statements.at(1)?.reason)
 * // undefined 'CREATE INDEX CONCURRENTLY cannot run inside a transaction'
 * ```
 */
export function splitPostgres(script: string, options: PostgresSplitOptions = {}): ParsedScript {
  const standardStrings = options.standardConformingStrings ?? true
  const first = script.charCodeAt(0) === 0xfeff ? 1 : 0
  const lexer = new PostgresLexer(script, standardStrings)
  const reader = new PostgresLexer(script, standardStrings)
  const roles = new PostgresRoles(reader, options.serverVersion)
  const parsed = new ScriptBuilder(script, first)
  lexer.pos = first
  for (;;) {
    const kind = lexer.next()
    if (kind === SEMICOLON) continue
    if (kind === END) return parsed.finish()
    const { start, end: firstEnd } = lexer
    const routine = kind === WORD && lexer.is('CREATE') && createsRoutine(reader, start)
    const copy = kind === WORD && lexer.is('COPY')
    const end = routine ? endOfRoutine(lexer, kind) : endOfStatement(lexer, kind)
    if (lexer.fault !== undefined) return parsed.finish(lexer.fault)
    if (copy && copiesFromStdin(reader, start, end)) {
      return parsed.finish({
        offset: start,
        message: 'COPY … FROM STDIN takes its rows from a client, and a migration file has none.',
        hint: 'Write the rows as INSERT statements, such as with pg_dump --inserts.',
      })
    }
    parsed.add(start, end, roles.kindOf(start, firstEnd, end))
  }
}

/** Reads on to the end of a statement: a semicolon outside of parentheses, as in `CREATE RULE … DO (a; b)`. */
function endOfStatement(lexer: PostgresLexer, first: number): number {
  let depth = 0
  let end = lexer.start
  for (let kind = first; kind !== END && kind !== FAULT; kind = lexer.next()) {
    if (kind === SEMICOLON && depth === 0) break
    if (kind === OPEN) depth++
    else if (kind === CLOSE && depth > 0) depth--
    end = lexer.end
  }
  return end
}

/**
 * The same for CREATE FUNCTION and CREATE PROCEDURE, where semicolons may also stand in `BEGIN ATOMIC … END`. The END
 * of such a script always comes right after a semicolon or ATOMIC, which no other END (of a CASE) can.
 */
function endOfRoutine(lexer: PostgresLexer, first: number): number {
  let depth = 0
  let end = lexer.start
  let inScript = false
  let afterBegin = false
  let endMayFollow = false
  for (let kind = first; kind !== END && kind !== FAULT; kind = lexer.next()) {
    if (kind === SEMICOLON && depth === 0) {
      if (!inScript) break
      endMayFollow = true
    } else if (kind === WORD && depth === 0) {
      if (afterBegin && lexer.is('ATOMIC')) {
        inScript = true
        endMayFollow = true
      } else {
        if (inScript && endMayFollow && lexer.is('END')) inScript = false
        endMayFollow = false
      }
      afterBegin = !inScript && lexer.is('BEGIN')
    } else {
      afterBegin = false
      endMayFollow = false
      if (kind === OPEN) depth++
      else if (kind === CLOSE && depth > 0) depth--
    }
    end = lexer.end
  }
  return end
}

function createsRoutine(reader: PostgresLexer, start: number): boolean {
  const tokens = readTokens(reader, start, reader.script.length, 4)
  const object = tokens[1] === 'OR' && tokens[2] === 'REPLACE' ? tokens[3] : tokens[1]
  return object === 'FUNCTION' || object === 'PROCEDURE'
}

function copiesFromStdin(reader: PostgresLexer, start: number, end: number): boolean {
  const tokens = readTokens(reader, start, end, Number.MAX_SAFE_INTEGER)
  let depth = 0
  return tokens.some((token, i) => {
    if (token === '(') depth++
    else if (token === ')') depth--
    return depth === 0 && token === 'FROM' && tokens[i + 1] === 'STDIN'
  })
}
