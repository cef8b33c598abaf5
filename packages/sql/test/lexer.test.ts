import { expect, test } from 'vitest'
import { MysqlLexer } from '../src/dialects/mysql-lexer.ts'
import { PostgresLexer } from '../src/dialects/postgres-lexer.ts'
import { SqliteLexer } from '../src/dialects/sqlite-lexer.ts'
import { END, FAULT, type Lexer, readTokens } from '../src/lexer.ts'

const mysql = { ansiQuotes: false, backslashEscapes: true, mariadb: false, serverVersion: 90700 }
const postgres = (script: string): Lexer => new PostgresLexer(script, true)
const sqlite = (script: string): Lexer => new SqliteLexer(script)
const mysqlLexer = (script: string): Lexer => new MysqlLexer(script, mysql)

function tokens(lexer: Lexer): string[] {
  const found: string[] = []
  for (let kind = lexer.next(); kind !== END; kind = lexer.next()) {
    if (kind === FAULT) return [...found, lexer.fault?.message ?? '']
    found.push(lexer.script.slice(lexer.start, lexer.end))
  }
  return found
}

test.each<[dialect: string, lexer: (script: string) => Lexer, script: string, tokens: string[]]>([
  ['PostgreSQL', postgres, "a1$ E'x''y' 1", ['a1$', "E'x''y'", '1']],
  [
    'PostgreSQL',
    postgres,
    '1e5$a$x$a$ 1.5e-3x 0x1Fg 1_000',
    ['1e5', '$a$x$a$', '1', '.', '5e-3', 'x', '0x1F', 'g', '1_000'],
  ],
  ['PostgreSQL', postgres, '$1a$b$ $12', ['$1', 'a$b$', '$12']],
  ['PostgreSQL', postgres, '$1$ $', ['$1', '$', '$']],
  ['PostgreSQL', postgres, 'u&\'a\' U&"b" u & c', ["u&'a'", 'U&"b"', 'u', '&', 'c']],
  ['PostgreSQL', postgres, 'a/**/b/*/**/*/c', ['a', 'b', 'c']],
  ['PostgreSQL', postgres, 'a /*/ b', ['a', 'This comment is never closed.']],
  ['MySQL', mysqlLexer, "1a $b @`c` x'00'", ['1a', '$b', '@', '`c`', 'x', "'00'"]],
  ['MySQL', mysqlLexer, 'a /*!50000 b */ /*!99999 c */ */', ['a', '/*!50000', 'b', '*/', '*', '/']],
  ['MySQL', mysqlLexer, 'a /*!b*/', ['a', '/*!', 'b', '*/']],
  [
    'SQLite',
    sqlite,
    'a [b]] ?1 :c $d "e""f"',
    ['a', '[b]', ']', '?', '1', ':', 'c', '$', 'd', '"e""f"'],
  ],
  ['SQLite', sqlite, 'a /*', ['a', '/', '*']],
  ['SQLite', sqlite, 'a/**/b/* c', ['a', 'b']],
])('%s reads %s', (_dialect, make, script, expected) => {
  expect(tokens(make(script))).toEqual(expected)
})

test('a lexer that is set to a part of the script does not read beyond it', () => {
  const lexer = postgres("select 'a' from b; c")
  expect(readTokens(lexer, 0, 17, 99)).toEqual(['SELECT', "'", 'FROM', 'B'])
  expect(readTokens(lexer, 7, 9, 99)).toEqual([])
  expect(lexer.fault?.offset).toBe(7)
  expect(readTokens(lexer, 0, 17, 2)).toEqual(['SELECT', "'"])
})

test('a key word is known in any case, and only as a whole', () => {
  const lexer = postgres('Begin beginning')
  lexer.next()
  expect(lexer.is('BEGIN')).toBe(true)
  expect(lexer.is('BEGI')).toBe(false)
  lexer.next()
  expect(lexer.is('BEGIN')).toBe(false)
})
