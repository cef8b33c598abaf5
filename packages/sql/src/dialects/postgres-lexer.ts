import {
  CLASS_BACKSLASH,
  CLASS_CLOSE,
  CLASS_DASH,
  CLASS_DIGIT,
  CLASS_DOLLAR,
  CLASS_DOUBLE_QUOTE,
  CLASS_OPEN,
  CLASS_QUOTE,
  CLASS_SEMICOLON,
  CLASS_SLASH,
  CLASS_SPACE,
  CLASS_WORD,
  CLOSE,
  END,
  Lexer,
  NUMBER,
  OPEN,
  OTHER,
  QUOTED_NAME,
  SEMICOLON,
  STRING,
  WORD,
  characterClasses,
} from '../lexer.ts'

const CLASSES = characterClasses({
  '\v': CLASS_SPACE,
  $: CLASS_DOLLAR,
  '\\': CLASS_BACKSLASH,
})

const QUOTE = 39
const ZERO = 48
const UNDERSCORE = 95
const DOUBLE_QUOTE = 34

/** PostgreSQL's own scanner rules (scan.l), as far as they matter for where a token ends. */
export class PostgresLexer extends Lexer {
  readonly #plainStringsEscape: boolean

  constructor(script: string, standardConformingStrings: boolean) {
    super(script)
    this.#plainStringsEscape = !standardConformingStrings
  }

  next(): number {
    const { script, limit } = this
    let pos = this.pos
    while (pos < limit) {
      const code = script.charCodeAt(pos)
      switch (code < 128 ? (CLASSES[code] ?? 0) : CLASS_WORD) {
        case CLASS_SPACE:
          pos++
          break
        case CLASS_WORD:
          return this.#word(pos)
        case CLASS_DIGIT:
          return this.token(NUMBER, pos, this.#endOfNumber(pos))
        case CLASS_SEMICOLON:
          return this.token(SEMICOLON, pos, pos + 1)
        case CLASS_OPEN:
          return this.token(OPEN, pos, pos + 1)
        case CLASS_CLOSE:
          return this.token(CLOSE, pos, pos + 1)
        case CLASS_QUOTE:
          return this.#string(pos, pos, this.#plainStringsEscape)
        case CLASS_DOUBLE_QUOTE:
          return this.#quotedName(pos, pos)
        case CLASS_DOLLAR:
          return this.#dollar(pos)
        case CLASS_DASH:
          if (script.charCodeAt(pos + 1) !== 45) return this.token(OTHER, pos, pos + 1)
          pos = this.#endOfLineComment(pos + 2)
          break
        case CLASS_SLASH: {
          if (script.charCodeAt(pos + 1) !== 42) return this.token(OTHER, pos, pos + 1)
          const end = this.#endOfBlockComment(pos)
          if (end === -1) {
            return this.fail(
              pos,
              'This comment is never closed.',
              'Close it with */; PostgreSQL counts nested comments, so each /* needs its own */.',
            )
          }
          pos = end
          break
        }
        case CLASS_BACKSLASH:
          return this.#metaCommand(pos)
        default:
          return this.token(OTHER, pos, pos + 1)
      }
    }
    return this.token(END, limit, limit)
  }

  #word(start: number): number {
    const { script } = this
    const end = this.#endOfWord(start + 1)
    const after = end < this.limit ? script.charCodeAt(end) : 0
    if (end - start === 1) {
      // A letter right before a quote says what kind of string it is.
      const letter = script.charCodeAt(start) | 32
      if (after === QUOTE) {
        if (letter === 101) return this.#string(start, end, true) // E''
        if (letter === 98 || letter === 120) return this.#string(start, end, false) // B'', X''
        if (letter === 110) return this.#string(start, end, this.#plainStringsEscape) // N''
      }
      if (letter === 117 && after === 38) {
        const quote = script.charCodeAt(end + 1)
        if (quote === QUOTE && end + 1 < this.limit) return this.#string(start, end + 1, false) // U&''
        if (quote === DOUBLE_QUOTE && end + 1 < this.limit) return this.#quotedName(start, end + 1)
      }
    }
    return this.token(WORD, start, end)
  }

  #endOfWord(from: number): number {
    const { script, limit } = this
    let pos = from
    while (pos < limit) {
      const code = script.charCodeAt(pos)
      if (code < 128) {
        const characterClass = CLASSES[code]
        if (
          characterClass !== CLASS_WORD &&
          characterClass !== CLASS_DIGIT &&
          characterClass !== CLASS_DOLLAR
        )
          break
      }
      pos++
    }
    return pos
  }

  /**
   * Numbers take no dollar sign and only their own letters along: `1$a$` is a number and a dollar quote, and `1a$a$`
   * a number and a name.
   */
  #endOfNumber(start: number): number {
    const { script } = this
    if (script.charCodeAt(start) === ZERO) {
      // 0x, 0o and 0b
      const letter = script.charCodeAt(start + 1) | 32
      const base = letter === 120 ? 16 : letter === 111 ? 8 : letter === 98 ? 2 : 0
      const end = base === 0 ? -1 : this.#endOfDigits(start + 2, base)
      if (end > start + 2) return end
    }
    const end = this.#endOfDigits(start, 10)
    if ((script.charCodeAt(end) | 32) !== 101) return end
    const sign = script.charCodeAt(end + 1)
    const exponent = end + (sign === 43 || sign === 45 ? 2 : 1)
    const last = this.#endOfDigits(exponent, 10)
    return last > exponent ? last : end
  }

  #endOfDigits(from: number, base: number): number {
    let pos = from
    while (pos < this.limit) {
      const code = this.script.charCodeAt(pos)
      const letter = code | 32
      const digit = letter >= 97 && letter <= 102 ? letter - 87 : code - ZERO
      if (digit >= 0 && digit < base) pos++
      else if (
        code === UNDERSCORE &&
        pos > from &&
        CLASSES[this.script.charCodeAt(pos + 1)] === CLASS_DIGIT
      )
        pos++
      else break
    }
    return pos
  }

  #string(start: number, open: number, escapes: boolean): number {
    let quote = open
    for (;;) {
      const end = escapes ? this.endOfEscaped(quote, QUOTE) : this.endOfQuoted(quote, "'")
      if (end === -1) {
        return this.fail(start, 'This string is never closed.', "Close it with a single quote (').")
      }
      // A string goes on after a line break, and keeps the rules it started with.
      const next = this.#continuation(end)
      if (next === -1) return this.token(STRING, start, end)
      quote = next
    }
  }

  /** Finds the quote that continues a string which closed before `from`; -1 if it ends there. */
  #continuation(from: number): number {
    const { script, limit } = this
    let sawNewline = false
    for (let pos = from; pos < limit;) {
      const code = script.charCodeAt(pos)
      if (code === 10 || code === 13) {
        sawNewline = true
        pos++
      } else if (code < 128 && CLASSES[code] === CLASS_SPACE) pos++
      else if (code === 45 && script.charCodeAt(pos + 1) === 45)
        pos = this.#endOfLineComment(pos + 2)
      else return code === QUOTE && sawNewline ? pos : -1
    }
    return -1
  }

  #quotedName(start: number, open: number): number {
    const end = this.endOfQuoted(open, '"')
    if (end !== -1) return this.token(QUOTED_NAME, start, end)
    return this.fail(
      start,
      'This quoted name is never closed.',
      'Close it with a double quote ("); strings take single quotes.',
    )
  }

  #dollar(start: number): number {
    const { script, limit } = this
    let pos = start + 1
    const parameter = this.#endOfDigits(pos, 10)
    if (parameter > pos) return this.token(NUMBER, start, parameter)
    while (pos < limit) {
      const code = script.charCodeAt(pos)
      const characterClass = code < 128 ? CLASSES[code] : CLASS_WORD
      if (characterClass === CLASS_WORD) pos++
      else if (characterClass === CLASS_DIGIT && pos > start + 1) pos++
      else break
    }
    if (pos >= limit || script.charCodeAt(pos) !== 36) return this.token(OTHER, start, start + 1)
    const tag = script.slice(start, pos + 1)
    const close = script.indexOf(tag, pos + 1)
    if (close !== -1 && close + tag.length <= limit)
      return this.token(STRING, start, close + tag.length)
    return this.fail(
      start,
      `This dollar-quoted string is never closed: ${tag} is missing.`,
      `Close it with ${tag}, written exactly as at its start.`,
    )
  }

  #endOfLineComment(from: number): number {
    const { script, limit } = this
    let pos = from
    while (pos < limit) {
      const code = script.charCodeAt(pos)
      if (code === 10 || code === 13) break
      pos++
    }
    return pos
  }

  #endOfBlockComment(open: number): number {
    const { script, limit } = this
    let depth = 1
    let pos = open + 2
    while (pos + 1 < limit) {
      const code = script.charCodeAt(pos)
      if (code === 42 && script.charCodeAt(pos + 1) === 47) {
        pos += 2
        if (--depth === 0) return pos
      } else if (code === 47 && script.charCodeAt(pos + 1) === 42) {
        depth++
        pos += 2
      } else pos++
    }
    return -1
  }

  #metaCommand(start: number): number {
    const { script } = this
    let end = start + 1
    while (end < this.limit && end < start + 32 && script.charCodeAt(end) > 32) end++
    const command = script.slice(start, end)
    return this.fail(
      start,
      `${command} is a command of psql, not SQL.`,
      command === '\\restrict' || command === '\\unrestrict'
        ? 'Delete the lines with \\restrict and \\unrestrict, which pg_dump writes for psql.'
        : 'Delete the line, or write what it does as SQL.',
    )
  }
}
