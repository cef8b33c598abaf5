import { END, FAULT, OTHER, SEMICOLON, WORD, readTokens } from '../lexer.ts'
import type { ParsedScript } from '../script.ts'
import { ScriptBuilder } from '../statements.ts'
import { SqliteLexer } from './sqlite-lexer.ts'
import { SqliteRoles } from './sqlite-roles.ts'

/**
 * Cuts a SQLite script into statements, by the same rule as SQLite's own `sqlite3_complete`.
 *
 * @example
 * ```ts
 * import { splitSqlite } from '@mig/sql'
 *
 * for (const { line, role, command } of splitSqlite('pragma foreign_keys = off;\nbegin;').statements)
 *   console.log(line, role, command)
 * // 1 session PRAGMA foreign_keys
 * // 2 begin BEGIN
 * ```
 */
export function splitSqlite(script: string): ParsedScript {
  const lexer = new SqliteLexer(script)
  const reader = new SqliteLexer(script)
  const roles = new SqliteRoles(reader)
  const first = script.charCodeAt(0) === 0xfeff ? 1 : 0
  const parsed = new ScriptBuilder(script, first)
  lexer.pos = first
  for (;;) {
    const kind = lexer.next()
    if (kind === SEMICOLON) continue
    if (kind === END) return parsed.finish()
    const { start, end: firstEnd } = lexer
    const shellCommand = kind === OTHER ? SHELL_COMMAND.exec(script.slice(start, start + 32)) : null
    if (shellCommand !== null) {
      return parsed.finish({
        offset: start,
        message: `${shellCommand[0]} is a command of the sqlite3 shell, not SQL.`,
        hint: 'Delete the line, or write what it does as SQL.',
      })
    }
    const trigger =
      kind === WORD && (lexer.is('CREATE') || lexer.is('EXPLAIN')) && createsTrigger(reader, start)
    const end = trigger ? endOfTrigger(lexer, kind) : endOfStatement(lexer, kind)
    if (lexer.fault !== undefined) return parsed.finish(lexer.fault)
    parsed.add(start, end, roles.kindOf(start, firstEnd, end))
  }
}

/**
 * Tells whether a SQLite script must run in a transaction of its own instead of sharing one with other scripts: it has
 * a PRAGMA, transaction control, a savepoint, ATTACH, DETACH or VACUUM, or mentions ROLLBACK (`OR ROLLBACK`,
 * `RAISE(ROLLBACK, …)`) or the temp schema. It looks at the text, so it errs on the side of yes.
 *
 * @example
 * ```ts
 * import { splitSqlite, sqliteNeedsOwnTransaction } from '@mig/sql'
 *
 * console.log(sqliteNeedsOwnTransaction(splitSqlite('INSERT OR ROLLBACK INTO a VALUES (1)'))) // true
 * ```
 */
export function sqliteNeedsOwnTransaction(parsed: ParsedScript): boolean {
  for (const { role, text } of parsed.statements) {
    if (role !== 'plain' || LEAVES_TRACES.test(text)) return true
  }
  return false
}

const SHELL_COMMAND = /^\.[a-z]+/

const LEAVES_TRACES = /\b(?:rollback|temp|temporary|sqlite_temp_\w+)\b/i

function endOfStatement(lexer: SqliteLexer, first: number): number {
  let end = lexer.start
  for (let kind = first; kind !== END && kind !== FAULT && kind !== SEMICOLON; kind = lexer.next())
    end = lexer.end
  return end
}

/** A trigger ends at the first END that comes right after a semicolon, which no END of a CASE can. */
function endOfTrigger(lexer: SqliteLexer, first: number): number {
  let end = lexer.start
  let afterSemicolon = false
  let closed = false
  for (let kind = first; kind !== END && kind !== FAULT; kind = lexer.next()) {
    if (kind === SEMICOLON) {
      if (closed) break
      afterSemicolon = true
    } else {
      closed = kind === WORD && afterSemicolon && lexer.is('END')
      afterSemicolon = false
    }
    end = lexer.end
  }
  return end
}

function createsTrigger(reader: SqliteLexer, start: number): boolean {
  const tokens = readTokens(reader, start, reader.script.length, 7)
  let at = tokens[0] === 'EXPLAIN' ? 1 : 0
  if (at === 1 && tokens[1] === 'QUERY' && tokens[2] === 'PLAN') at = 3
  if (tokens[at] !== 'CREATE') return false
  if (tokens[at + 1] === 'TEMP' || tokens[at + 1] === 'TEMPORARY') at++
  return tokens[at + 1] === 'TRIGGER'
}
