import fc from 'fast-check'
import {
  blockComment,
  dashComment,
  doubled,
  files,
  join,
  list,
  soup,
  spaced,
  type Generated,
} from './generate.ts'

const sqliteGap = spaced(fc.oneof(blockComment, dashComment))
const sqliteLiteral = fc.oneof(
  doubled("'"),
  doubled('"'),
  doubled('`'),
  soup.map((text) => `[i${text.replaceAll(']', '')}]`),
  fc.constantFrom('1', "x'00'", '?1', ':a', 'a$b'),
)
const sqliteExpression = fc.letrec<{ expression: string }>((tie) => ({
  expression: fc.oneof(
    { maxDepth: 3, withCrossShrink: true },
    sqliteLiteral,
    join(
      'case',
      sqliteGap,
      'when',
      sqliteGap,
      tie('expression'),
      sqliteGap,
      'then',
      sqliteGap,
      tie('expression'),
      sqliteGap,
      'end',
    ),
    join('(select', sqliteGap, tie('expression'), ')'),
  ),
})).expression
const sqliteSelect = join('select', sqliteGap, sqliteExpression)
const sqliteStatement = fc.oneof(
  sqliteSelect,
  join(
    'create',
    sqliteGap,
    fc.constantFrom('', 'temp ', 'TEMPORARY '),
    'trigger',
    sqliteGap,
    'if not exists t after insert on',
    sqliteGap,
    'a begin',
    sqliteGap,
    list(sqliteSelect, join(sqliteGap, ';', sqliteGap), 3),
    sqliteGap,
    ';',
    sqliteGap,
    'End',
  ),
  fc.constantFrom('begin immediate', 'pragma foreign_keys = off', 'commit'),
)

export const sqliteFiles: fc.Arbitrary<Generated> = files(sqliteStatement, sqliteGap)
