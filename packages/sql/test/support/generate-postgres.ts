import fc from 'fast-check'
import {
  blockComment,
  dashComment,
  doubled,
  escaped,
  files,
  join,
  list,
  oneLine,
  plainSoup,
  soup,
  spaced,
  type Generated,
  type Text,
} from './generate.ts'

const nestedComment = fc.letrec<{ comment: string }>((tie) => ({
  comment: fc.oneof(
    { maxDepth: 3, withCrossShrink: true },
    blockComment,
    join('/*', plainSoup, ' ', tie('comment'), plainSoup, '*/'),
  ),
})).comment
// Without form feeds: libpg-query writes them into its JSON as they are.
const postgresGap = spaced(
  fc.oneof(
    nestedComment,
    dashComment,
    oneLine.map((text) => `--${text}\r`),
  ),
).map((text) => text.replaceAll('\f', ' '))

const dollarQuoted = (contents: Text): Text =>
  fc.tuple(contents, fc.constantFrom('', 'a', 'b', 'é', '_1')).map(([text, tag]) => {
    let quote = `$${tag}$`
    while ((text + quote).indexOf(quote) !== text.length) quote = `$${quote.slice(1, -1)}x$`
    return quote + text + quote
  })

// A string may also go on after a `--` comment and a line break, but libpg-query, which makes tokens of comments,
// takes that for a syntax error.
const postgresLiteral = fc.oneof(
  doubled("'"),
  escaped("'", 'E'),
  escaped("'", 'e'),
  soup.map((text) => `U&'${text.replaceAll('\\', '\\\\').replaceAll("'", "''")}'`),
  join(doubled("'"), fc.constantFrom('\n', '\r\n', '\r \t'), doubled("'")),
  join(escaped("'", 'E'), '\n', escaped("'", '')),
  fc.constantFrom("B'01'", "x'1F'", "N'n;'", '12', '1.5', '$1', 'a$b$', 'é', 'é$$', 'beginning'),
  doubled('"'),
  dollarQuoted(soup),
  dollarQuoted(dollarQuoted(soup)),
)

const postgres = fc.letrec<
  Record<'expression' | 'select' | 'simple' | 'program' | 'statement', string>
>((tie) => ({
  expression: fc.oneof(
    { maxDepth: 3, withCrossShrink: true },
    postgresLiteral,
    join(
      'case',
      postgresGap,
      'when',
      postgresGap,
      tie('expression'),
      postgresGap,
      'then',
      postgresGap,
      tie('expression'),
      postgresGap,
      'end',
    ),
    join('(', postgresGap, tie('select'), postgresGap, ')'),
    join('t.', fc.constantFrom('end', 'begin', 'case', '"end;"')),
  ),
  select: join(
    'select',
    postgresGap,
    list(tie('expression'), join(postgresGap, ',', postgresGap), 3),
  ),
  simple: fc.oneof(
    tie('select'),
    join('insert into t', postgresGap, 'values (', tie('expression'), ')'),
    join('update t set', postgresGap, 'a=', postgresLiteral),
  ),
  program: list(tie('simple'), join(postgresGap, ';', postgresGap), 3),
  statement: fc.oneof(
    tie('simple'),
    tie('simple'),
    join('do', postgresGap, dollarQuoted(tie('program'))),
    join('create rule r as on insert to t do', postgresGap, '(', tie('program'), postgresGap, ')'),
    join(
      'create',
      postgresGap,
      fc.constantFrom('', 'or replace '),
      'function f()',
      postgresGap,
      'returns int as',
      postgresGap,
      dollarQuoted(tie('program')),
    ),
    join(
      'Create ',
      fc.constantFrom('', 'or replace '),
      postgresGap,
      fc.constantFrom('function begin(a int) returns int', 'procedure p(a int, b text)'),
      postgresGap,
      'Begin',
      postgresGap,
      'ATOMIC',
      postgresGap,
      tie('program'),
      postgresGap,
      ';',
      postgresGap,
      'END',
    ),
    join(
      'comment on table t is',
      postgresGap,
      postgresLiteral.filter((text) => /^['e]/i.test(text) && text !== 'é' && text !== 'é$$'),
    ),
  ),
}))

export const postgresFiles: fc.Arbitrary<Generated> = files(postgres.statement, postgresGap)
