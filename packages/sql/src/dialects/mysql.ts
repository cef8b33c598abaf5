import {
  DELIMITER,
  END,
  EXECUTABLE_CLOSE,
  EXECUTABLE_OPEN,
  FAULT,
  SEMICOLON,
  WORD,
  readTokens,
} from '../lexer.ts'
import type { ParsedScript } from '../script.ts'
import { ScriptBuilder, type Fault } from '../statements.ts'
import { CompoundTracker } from './mysql-compound.ts'
import { findDelimiterCommand } from './mysql-delimiter.ts'
import { MysqlLexer, type MysqlSyntax } from './mysql-lexer.ts'
import { MysqlRoles } from './mysql-roles.ts'

/** What a MySQL or MariaDB script's meaning depends on besides its text. */
export interface MysqlSplitOptions {
  /**
   * The server's `sql_mode`, of which `ANSI_QUOTES` and `NO_BACKSLASH_ESCAPES` matter. Default is neither of them.
   */
  readonly sqlMode?: string
  /** Default is `mysql`. */
  readonly flavor?: 'mysql' | 'mariadb'
  /**
   * The server's version as executable comments write it: 80039 for MySQL 8.0.39, 101109 for MariaDB 10.11.9.
   * Comments for a later version are comments. Default is to take all of them for statements.
   */
  readonly serverVersion?: number
}

/**
 * Cuts a MySQL or MariaDB script into statements.
 *
 * It knows the `DELIMITER` command of the `mysql` client, and where a stored program ends without it.
 *
 * @example
 * ```ts
 * import { splitMysql } from '@mig/sql'
 *
 * const parsed = 'create trigger t before insert on a for each row begin set new.i = 1; end; select 1'
 * console.log(splitMysql(parsed, { flavor: 'mariadb' }).statements.length) // 2
 * ```
 */
export function splitMysql(script: string, options: MysqlSplitOptions = {}): ParsedScript {
  const syntax = mysqlSyntax(options)
  const lexer = new MysqlLexer(script, syntax)
  const reader = new MysqlLexer(script, syntax)
  const roles = new MysqlRoles(reader, syntax.mariadb)
  const first = script.charCodeAt(0) === 0xfeff ? 1 : 0
  const parsed = new ScriptBuilder(script, first)
  let sequential = false
  const finish = (fault?: Fault): ParsedScript =>
    sequential ? { ...parsed.finish(fault), sequential } : parsed.finish(fault)
  lexer.pos = first
  for (;;) {
    const kind = lexer.next()
    if (kind === SEMICOLON || kind === DELIMITER) continue
    if (kind === END) return finish()
    if (kind === WORD && lexer.is('DELIMITER')) {
      const command = findDelimiterCommand(lexer)
      if (command !== undefined) {
        if (command.fault !== undefined) return finish(command.fault)
        sequential = true
        lexer.setDelimiter(command.delimiter)
        lexer.pos = command.end
        continue
      }
    }
    const { start, end: firstEnd } = lexer
    const statement = readStatement(lexer, kind, trackerFor(kind, lexer, reader))
    if (lexer.fault !== undefined) return finish(lexer.fault)
    let statementKind = roles.kindOf(start, firstEnd, statement.end)
    if (statement.callsLock) statementKind = roles.lockFunction(statementKind)
    if (statement.writesFile) statementKind = roles.writesFile(statementKind)
    if (kind === EXECUTABLE_OPEN) statementKind = roles.executableComment(statementKind)
    parsed.add(start, statement.end, statementKind)
  }
}

/** The rules of the lexer that these options ask for. */
export function mysqlSyntax(options: MysqlSplitOptions): MysqlSyntax {
  const modes = (options.sqlMode ?? '').toUpperCase().split(',')
  return {
    ansiQuotes: modes.includes('ANSI_QUOTES') || modes.includes('ANSI'),
    backslashEscapes: !modes.includes('NO_BACKSLASH_ESCAPES'),
    mariadb: options.flavor === 'mariadb',
    serverVersion: options.serverVersion ?? Number.MAX_SAFE_INTEGER,
  }
}

interface StatementExtent {
  readonly end: number
  readonly callsLock: boolean
  readonly writesFile: boolean
}

const SHORTEST_EFFECT = 'OUTFILE'.length

function readStatement(
  lexer: MysqlLexer,
  first: number,
  tracker: CompoundTracker | undefined,
): StatementExtent {
  let end = lexer.start
  let callsLock = false
  let writesFile = false
  for (let kind = first; kind !== END && kind !== FAULT; kind = lexer.next()) {
    const outside = !lexer.inExecutableComment
    if (kind === DELIMITER && outside) break
    if (kind === SEMICOLON && outside) {
      if (tracker === undefined) break
      // Where a delimiter was set, it alone ends a stored program; a semicolon before it says nothing.
      if (!lexer.hasDelimiter && tracker.take(kind, lexer)) break
      continue
    }
    if (kind === WORD) {
      const length = lexer.end - lexer.start
      if (length >= SHORTEST_EFFECT) {
        if (outside && endsAtDelimiterCommand(lexer)) break
        if (isLockFunction(lexer)) callsLock = true
        else if (lexer.is('OUTFILE') || lexer.is('DUMPFILE')) writesFile = true
      }
    }
    if (tracker !== undefined && kind !== EXECUTABLE_OPEN && kind !== EXECUTABLE_CLOSE)
      tracker.take(kind, lexer)
    end = lexer.end
  }
  return { end, callsLock, writesFile }
}

/** Whether the command stands where the delimiter of the statement before it was left out. */
function endsAtDelimiterCommand(lexer: MysqlLexer): boolean {
  if (!lexer.hasDelimiter || !lexer.is('DELIMITER')) return false
  const command = findDelimiterCommand(lexer)
  if (command === undefined || command.fault !== undefined) return false
  // Inside of a statement it may as well be a column: `SELECT delimiter FROM a`, `WHERE delimiter = 1`.
  if (!command.alone || /\w/.test(command.delimiter)) return false
  lexer.pos = lexer.start
  return true
}

function isLockFunction(lexer: MysqlLexer): boolean {
  return lexer.is('GET_LOCK') || lexer.is('RELEASE_LOCK') || lexer.is('RELEASE_ALL_LOCKS')
}

// Statements of their own in MariaDB; the rest of the language has no statement that starts like this.
const BLOCKS = ['IF', 'CASE', 'LOOP', 'WHILE', 'REPEAT', 'FOR']
const PROGRAMS = new Set(['PROCEDURE', 'FUNCTION', 'TRIGGER', 'EVENT'])
const AFTER_DEFINER = new Set([...PROGRAMS, 'AGGREGATE', 'SQL', 'VIEW', 'PACKAGE'])

/** Makes a tracker for a statement that may have semicolons of its own; the lexer stands on its first token. */
function trackerFor(
  kind: number,
  lexer: MysqlLexer,
  reader: MysqlLexer,
): CompoundTracker | undefined {
  if (kind === WORD) {
    if (BLOCKS.some((word) => lexer.is(word))) return new CompoundTracker(true)
    if (!lexer.is('CREATE') && !lexer.is('ALTER') && !lexer.is('BEGIN')) return undefined
  } else if (kind !== EXECUTABLE_OPEN) return undefined
  const head = readTokens(reader, lexer.start, lexer.script.length, 5)
  const [first = '', second = '', third = ''] = head
  if (first === 'BEGIN' && second === 'NOT' && third === 'ATOMIC') return new CompoundTracker(true)
  if (first !== 'CREATE' && first !== 'ALTER') return undefined
  let at = second === 'OR' && third === 'REPLACE' ? 3 : 1
  const hasDefiner = head[at] === 'DEFINER'
  const tokens = hasDefiner ? readTokens(reader, lexer.start, lexer.script.length, 24) : head
  if (hasDefiner) {
    at += 3
    while (at < tokens.length && !AFTER_DEFINER.has(tokens[at] ?? '')) at++
  }
  if (tokens[at] === 'AGGREGATE') at++
  const object = tokens[at] ?? ''
  const hasScript = first === 'CREATE' ? PROGRAMS.has(object) : object === 'EVENT'
  return hasScript ? new CompoundTracker(false) : undefined
}
