import fc from 'fast-check'

/** A body together with the texts its statements have. */
export interface Generated {
  readonly body: string
  readonly statements: readonly string[]
}

type Text = fc.Arbitrary<string>

// Whatever could make a splitter stumble when it stands inside of something quoted.
const SOUP = [
  [';', ';;', ' ', '\n', '\r\n', '--', '-- ', '/*', '*/', "'", '"', '`', '$', '$$', '$a$', '\\'],
  ['(', ')', '[', ']', '#', 'begin', 'begin atomic ', 'end', 'end;', 'case', 'é', '😀', 'x', 'é$b$'],
  ['\ndelimiter //\n', '//', '/*!', 'commit;', "E'", '\ufeff', '\u00a0'],
].flat()
const soup: Text = fc
  .array(fc.constantFrom(...SOUP), { maxLength: 6 })
  .map((parts) => parts.join(''))

const doubled = (quote: string): Text =>
  soup.map((text) => `${quote}i${text.replaceAll(quote, quote + quote)}${quote}`)

const escaped = (quote: string, prefix: string): Text =>
  soup.map((text) => {
    const contents = text.replaceAll('\\', '\\\\').replaceAll(quote, `\\${quote}`)
    return prefix + quote + contents + quote
  })

/** The same with a letter after each gap, so that it may follow any token. */
const spaced = (comments: Text): Text =>
  fc
    .array(fc.oneof(fc.constantFrom(' ', '\n', '\t', '\r\n', '\f'), comments), { maxLength: 3 })
    .map((parts) => ` ${parts.join('')}`)

const plainSoup = soup.map((text) => text.replaceAll(/[*/!+]/g, ''))
const oneLine = soup.map((text) => text.replaceAll(/[\r\n]/g, ''))
const blockComment = plainSoup.map((text) => `/* ${text} */`)
const dashComment = oneLine.map((text) => `-- ${text}\n`)

const join = (...parts: readonly (Text | string)[]): Text =>
  fc
    .tuple(...parts.map((part) => (typeof part === 'string' ? fc.constant(part) : part)))
    .map((all) => all.join(''))

const list = (item: Text, separator: Text, maxLength: number): Text =>
  fc
    .tuple(fc.array(fc.tuple(item, separator), { maxLength }), item)
    .map(([items, last]) => items.flat().join('') + last)

function files(statement: Text, gap: Text, delimiter = ';'): fc.Arbitrary<Generated> {
  const between = fc
    .tuple(gap, fc.array(gap, { maxLength: 2 }))
    .map(([first, more]) => first + more.map((text) => delimiter + text).join(''))
  return fc
    .tuple(
      between,
      fc.array(fc.tuple(statement, gap, between), { maxLength: 5 }),
      statement,
      fc.boolean(),
    )
    .map(([lead, all, last, closed]) => {
      const statements = [...all.map(([text]) => text), last]
      const cut = all.map(([text, after, next]) => text + after + delimiter + next).join('')
      return { body: lead + cut + last + (closed ? delimiter : ''), statements }
    })
}

// PostgreSQL

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

// A string may also go on behind a `--` comment and a line break, but libpg-query, which makes tokens of comments,
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

// MySQL and MariaDB

const mysqlComment = fc.oneof(
  blockComment,
  dashComment,
  oneLine.map((text) => `#${text}\n`),
)
const mysqlGap = spaced(mysqlComment)
const mysqlLiteral = fc.oneof(
  doubled("'").map((text) => text.replaceAll('\\', '\\\\')),
  doubled('"').map((text) => text.replaceAll('\\', '\\\\')),
  escaped("'", '_utf8mb4'),
  escaped('"', ''),
  doubled('`'),
  fc.constantFrom(
    '1',
    '1a',
    '@x',
    'a$b',
    'if(a,b,c)',
    "repeat('a;', 2)",
    'new.`end`',
    't.end',
    '1--1',
    "/*!40101 ';', */ 1",
  ),
)
const mysqlExpression = fc.letrec<{ expression: string }>((tie) => ({
  expression: fc.oneof(
    { maxDepth: 3, withCrossShrink: true },
    mysqlLiteral,
    join(
      'case',
      mysqlGap,
      'when',
      mysqlGap,
      tie('expression'),
      mysqlGap,
      'then',
      mysqlGap,
      tie('expression'),
      mysqlGap,
      'end',
    ),
    join('(', mysqlGap, 'select', mysqlGap, tie('expression'), ')'),
  ),
})).expression
const mysqlSimple = fc.oneof(
  join('select', mysqlGap, mysqlExpression),
  join('set', mysqlGap, '@x =', mysqlGap, mysqlExpression),
  join('update t set a =', mysqlGap, mysqlExpression),
)
const mysqlBody = fc.letrec<Record<'body' | 'block', string>>((tie) => ({
  body: fc.oneof({ maxDepth: 3, withCrossShrink: true }, mysqlSimple, tie('block')),
  block: fc.oneof(
    { maxDepth: 3, withCrossShrink: true },
    join('begin', mysqlGap, tie('body'), mysqlGap, ';', mysqlGap, 'end'),
    join(
      'l1',
      mysqlGap,
      ':',
      mysqlGap,
      'begin declare continue handler for',
      mysqlGap,
      fc.constantFrom('not found', "sqlstate '23000', 1062", 'sqlexception', 'my_condition'),
      mysqlGap,
      tie('body'),
      ';',
      tie('body'),
      '; end l1',
    ),
    join(
      'if',
      mysqlGap,
      mysqlExpression,
      mysqlGap,
      'then',
      mysqlGap,
      tie('body'),
      '; elseif a then',
      mysqlGap,
      tie('body'),
      '; else',
      mysqlGap,
      tie('body'),
      ';',
      mysqlGap,
      'end',
      mysqlGap,
      'if',
    ),
    join(
      'case',
      mysqlGap,
      'a when',
      mysqlGap,
      mysqlExpression,
      mysqlGap,
      'then',
      mysqlGap,
      tie('body'),
      '; else',
      mysqlGap,
      tie('body'),
      '; end case',
    ),
    join('loop', mysqlGap, tie('body'), '; leave l1; end loop'),
    join(
      'repeat',
      mysqlGap,
      tie('body'),
      '; until',
      mysqlGap,
      mysqlExpression,
      mysqlGap,
      'end',
      mysqlGap,
      'repeat',
    ),
    join('while', mysqlGap, mysqlExpression, mysqlGap, 'do', mysqlGap, tie('body'), '; end while'),
  ),
}))
const mysqlProgram = fc.oneof(
  join(
    'create',
    mysqlGap,
    fc.constantFrom('', 'or replace ', 'definer = `a;`@`b` ', 'definer=event@localhost '),
    'trigger t before insert on begin for each row',
    mysqlGap,
    fc.constantFrom('', 'follows x ', 'precedes `if` '),
    mysqlBody.body,
  ),
  join(
    'create',
    mysqlGap,
    'procedure if not exists p',
    mysqlGap,
    "(in a int, out b varchar(10)) comment 'x;' sql security invoker",
    mysqlGap,
    mysqlBody.body,
  ),
  join(
    'create function f(a int)',
    mysqlGap,
    fc.constantFrom(
      'returns int',
      'returns char(10) character set utf8mb4 collate utf8mb4_bin',
      "returns enum('a;', 'b')",
      'returns double precision unsigned',
    ),
    mysqlGap,
    fc.constantFrom('', 'deterministic ', 'not deterministic reads sql data '),
    mysqlBody.body,
  ),
  join('create event e on schedule every 1 day', mysqlGap, 'do', mysqlGap, mysqlBody.body),
  join(
    '/*!50003 create*/ /*!50017 definer=`r`@`h`*/ /*!50003 trigger t after delete on a for each row begin',
    mysqlGap,
    mysqlSimple.filter((text) => !text.includes('/*!')),
    '; end */',
  ),
  join('begin not atomic', mysqlGap, mysqlBody.body, '; end'),
)
const mysqlStatement = fc.oneof(
  mysqlSimple,
  mysqlProgram,
  fc.constant('/*!40101 SET @saved=@@x */'),
  join('insert into t', mysqlGap, 'values (', mysqlExpression, ')'),
)

export const mysqlFiles: fc.Arbitrary<Generated> = files(mysqlStatement, mysqlGap)

// SQLite

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

/** Text that need not be SQL at all. */
export const garbage: Text = fc
  .array(
    fc.constantFrom(
      ...SOUP,
      'create function f() ',
      'atomic ',
      "U&'",
      'a',
      '1',
      '$1',
      '\r',
      '*',
      '/',
      '-',
      '\v',
    ),
    { maxLength: 25 },
  )
  .map((parts) => parts.join(''))
