import fc from 'fast-check'

/** A script together with the texts its statements have. */
export interface Generated {
  readonly script: string
  readonly statements: readonly string[]
}

export type Text = fc.Arbitrary<string>

// Whatever could make a splitter stumble when it stands inside of something quoted.
const SOUP = [
  [';', ';;', ' ', '\n', '\r\n', '--', '-- ', '/*', '*/', "'", '"', '`', '$', '$$', '$a$', '\\'],
  [
    '(',
    ')',
    '[',
    ']',
    '#',
    'begin',
    'begin atomic ',
    'end',
    'end;',
    'case',
    'é',
    '😀',
    'x',
    'é$b$',
  ],
  ['\ndelimiter //\n', '//', '/*!', 'commit;', "E'", '\ufeff', '\u00a0'],
].flat()
export const soup: Text = fc
  .array(fc.constantFrom(...SOUP), { maxLength: 6 })
  .map((parts) => parts.join(''))

export const doubled = (quote: string): Text =>
  soup.map((text) => `${quote}i${text.replaceAll(quote, quote + quote)}${quote}`)

export const escaped = (quote: string, prefix: string): Text =>
  soup.map((text) => {
    const contents = text.replaceAll('\\', '\\\\').replaceAll(quote, `\\${quote}`)
    return prefix + quote + contents + quote
  })

/** The same with a letter after each gap, so that it may follow any token. */
export const spaced = (comments: Text): Text =>
  fc
    .array(fc.oneof(fc.constantFrom(' ', '\n', '\t', '\r\n', '\f'), comments), { maxLength: 3 })
    .map((parts) => ` ${parts.join('')}`)

export const plainSoup = soup.map((text) => text.replaceAll(/[*/!+]/g, ''))
export const oneLine = soup.map((text) => text.replaceAll(/[\r\n]/g, ''))
export const blockComment = plainSoup.map((text) => `/* ${text} */`)
export const dashComment = oneLine.map((text) => `-- ${text}\n`)

export const join = (...parts: readonly (Text | string)[]): Text =>
  fc
    .tuple(...parts.map((part) => (typeof part === 'string' ? fc.constant(part) : part)))
    .map((all) => all.join(''))

export const list = (item: Text, separator: Text, maxLength: number): Text =>
  fc
    .tuple(fc.array(fc.tuple(item, separator), { maxLength }), item)
    .map(([items, last]) => items.flat().join('') + last)

export function files(statement: Text, gap: Text, delimiter = ';'): fc.Arbitrary<Generated> {
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
      return { script: lead + cut + last + (closed ? delimiter : ''), statements }
    })
}

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
