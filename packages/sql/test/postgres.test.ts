import { describe, expect, test } from 'vitest'
import { splitPostgres } from '../src/index.ts'
import { texts } from './support/script.ts'

const cases: readonly [name: string, script: string, statements: readonly string[]][] = [
  ['nothing', '', []],
  ['white space and comments only', ' \n-- a\n/* b; */ ;; ', []],
  ['a comment after the last statement', 'create table a(i int) -- bye', ['create table a(i int)']],
  ['a byte order mark', '\ufeffselect 1; select 2', ['select 1', 'select 2']],
  ['CRLF', 'select 1;\r\nselect\r\n2;\r\n', ['select 1', 'select\r\n2']],
  ['a comment that a lone CR ends', '-- a\rselect 1; select 2', ['select 1', 'select 2']],
  ['doubled quotes', "select 'it''s; ok'; select 2", ["select 'it''s; ok'", 'select 2']],
  ['a backslash in a plain string', "select 'a\\'; select 2", ["select 'a\\'", 'select 2']],
  [
    'a backslash in E strings',
    "select E'a\\'; b', e'\\\\'; c",
    ["select E'a\\'; b', e'\\\\'", 'c'],
  ],
  ['E as the end of a name', "select type'a\\'; b", ["select type'a\\'", 'b']],
  ['U& strings', "select U&'\\0041;\\'; b", ["select U&'\\0041;\\'", 'b']],
  ['U& names', 'select U&"a;""" ; b', ['select U&"a;"""', 'b']],
  [
    'bit and national strings',
    "select B'1;', X'f;', N'n;\\'; b",
    ["select B'1;', X'f;', N'n;\\'", 'b'],
  ],
  ['an E string that goes on', "select E'a'\n'b\\'; c'; d", ["select E'a'\n'b\\'; c'", 'd']],
  [
    'an E string that goes on after a comment',
    "select E'a' -- ;\n 'b\\'; c'; d",
    ["select E'a' -- ;\n 'b\\'; c'", 'd'],
  ],
  ['two strings on one line', "select E'a' 'b\\'; d", ["select E'a' 'b\\'", 'd']],
  ['quoted names', 'select "a;""b"; c', ['select "a;""b"', 'c']],
  ['dollar quotes', 'select $$a;$$, $t$ $$;$a$ $t$; b', ['select $$a;$$, $t$ $$;$a$ $t$', 'b']],
  ['a tag with other letters than ASCII', 'select $é$;$é$; b', ['select $é$;$é$', 'b']],
  ['tags are case sensitive', 'select $a$;$A$;$a$; b', ['select $a$;$A$;$a$', 'b']],
  ['dollars in a name', 'select a$b$; c$b$', ['select a$b$', 'c$b$']],
  ['a dollar quote right after a number', 'select 1$a$;$a$', ['select 1$a$;$a$']],
  ['parameters', 'select $1; select $2$a$;$a$', ['select $1', 'select $2$a$;$a$']],
  ['nested comments', 'select /* a /* ; */ ; */ 1; b', ['select /* a /* ; */ ; */ 1', 'b']],
  [
    'a comment inside an operator',
    'select 1 +--;\n 2; select 3 */*;*/ 4',
    ['select 1 +--;\n 2', 'select 3 */*;*/ 4'],
  ],
  [
    'a rule of several statements',
    'create rule r as on insert to a do (select 1; select 2); b',
    ['create rule r as on insert to a do (select 1; select 2)', 'b'],
  ],
  ['a parenthesis too many', 'select 1); select 2', ['select 1)', 'select 2']],
  [
    'BEGIN ATOMIC',
    'create or replace function f() returns int language sql begin atomic select case when true then 1 end; select t.end from t; end; select 2',
    [
      'create or replace function f() returns int language sql begin atomic select case when true then 1 end; select t.end from t; end',
      'select 2',
    ],
  ],
  [
    'an empty BEGIN ATOMIC',
    'create procedure p() begin /* ; */ atomic end; b',
    ['create procedure p() begin /* ; */ atomic end', 'b'],
  ],
  [
    'a function named begin',
    'create function begin() returns int return 1; end; b',
    ['create function begin() returns int return 1', 'end', 'b'],
  ],
  ['BEGIN outside of a function', 'begin; select 1; end', ['begin', 'select 1', 'end']],
  ['atomic as an alias', 'select begin atomic from t; end', ['select begin atomic from t', 'end']],
  ['a no-break space belongs to a name', 'select a\u00a0; b', ['select a\u00a0', 'b']],
]

test.each(cases)('splits %s', (_name, script, statements) => {
  const parsed = splitPostgres(script)
  expect(parsed.problem).toBeUndefined()
  expect(texts(parsed)).toEqual(statements)
})

describe('without standard_conforming_strings', () => {
  const options = { standardConformingStrings: false }
  test.each([
    ['plain strings', "values('x\\'); commit; -- y')"],
    ['national strings', "values(N'x\\'); commit; -- y')"],
  ])('a backslash counts in %s', (_name, script) => {
    expect(texts(splitPostgres(script, options))).toEqual([script])
  })
  test.each([
    ['bit strings', "values(B'\\'); b"],
    ['dollar quotes', 'values($$\\$$); b'],
    ['names', 'values("\\"); b'],
  ])('a backslash does not count in %s', (_name, script) => {
    expect(texts(splitPostgres(script, options))).toHaveLength(2)
  })
})

describe('problems', () => {
  test.each([
    ['an open string', "select 1;\n select 'a;", '2:9 This string is never closed.'],
    ['an open E string', "select E'a\\'", '1:8 This string is never closed.'],
    ['an open continued string', "select 'a'\n'b", '1:8 This string is never closed.'],
    ['an open name', 'select 1; select "a', '1:18 This quoted name is never closed.'],
    ['an open comment', 'select 1; /* /* */', '1:11 This comment is never closed.'],
    [
      'an open dollar quote',
      'select 1; select $a$ $A$',
      '1:18 This dollar-quoted string is never closed: $a$ is missing.',
    ],
    [
      '\\restrict',
      'select 1;\n\\restrict a;b\nselect 2',
      '2:1 \\restrict is a command of psql, not SQL.',
    ],
    [
      '\\gexec after a statement',
      "select 1; select 'x' \\gexec",
      '1:22 \\gexec is a command of psql, not SQL.',
    ],
    [
      'COPY FROM STDIN',
      'select 1; copy a (b, c) from stdin;\n1\t2\n\\.\n',
      '1:11 COPY … FROM STDIN takes its rows from a client, and a migration file has none.',
    ],
    [
      'COPY FROM STDIN with options',
      'select 1; COPY "a;" FROM STDIN WITH (FORMAT csv);',
      '1:11 COPY … FROM STDIN takes its rows from a client, and a migration file has none.',
    ],
  ])('%s', (_name, script, expected) => {
    const { problem, statements } = splitPostgres(script)
    expect(`${problem?.line}:${problem?.column} ${problem?.message}`).toBe(expected)
    expect(problem?.hint).toMatch(/\.$/)
    expect(statements.length).toBe(script.startsWith('select 1;') ? 1 : 0)
  })

  test.each([
    ["copy a from '/tmp/f'"],
    ['copy a from program $$cat; echo from stdin$$'],
    ['copy (select * from stdin) to stdout'],
  ])('%s is none', (script) => {
    expect(splitPostgres(script).problem).toBeUndefined()
  })

  test('tells what to do about what pg_dump writes', () => {
    expect(splitPostgres('\\restrict x').problem?.hint).toContain('pg_dump')
    expect(splitPostgres('\\connect x').problem?.hint).not.toContain('pg_dump')
  })
})

test('a place counts characters, not code units', () => {
  const statements = splitPostgres("-- é\n select '😀'; select 2;\r\n\tselect 3").statements
  expect(Array.from(statements, ({ line, column, start }) => [line, column, start])).toEqual([
    [2, 2, 6],
    [2, 14, 19],
    [3, 2, 31],
  ])
})
