import {
  CLASS_BACKTICK,
  CLASS_BRACKET,
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
  '`': CLASS_BACKTICK,
  '[': CLASS_BRACKET,
  $: CLASS_DOLLAR,
})

const BOM = 0xfeff

/** SQLite's tokenizer (tokenize.c), as far as it matters for where a token ends. */
export class SqliteLexer extends Lexer {
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
          // SQLite takes a byte order mark for white space wherever a token could start.
          if (code === BOM) pos++
          else return this.token(WORD, pos, this.#endOfWord(pos + 1))
          break
        case CLASS_DIGIT:
          return this.token(NUMBER, pos, this.#endOfWord(pos + 1))
        case CLASS_SEMICOLON:
          return this.token(SEMICOLON, pos, pos + 1)
        case CLASS_OPEN:
          return this.token(OPEN, pos, pos + 1)
        case CLASS_CLOSE:
          return this.token(CLOSE, pos, pos + 1)
        case CLASS_QUOTE:
          return this.#quoted(STRING, pos, "'", 'string')
        case CLASS_DOUBLE_QUOTE:
          return this.#quoted(QUOTED_NAME, pos, '"', 'quoted name')
        case CLASS_BACKTICK:
          return this.#quoted(QUOTED_NAME, pos, '`', 'quoted name')
        case CLASS_BRACKET:
          return this.#bracketed(pos)
        case CLASS_DASH:
          if (script.charCodeAt(pos + 1) !== 45) return this.token(OTHER, pos, pos + 1)
          pos = this.endOfLine(pos + 2)
          break
        case CLASS_SLASH: {
          // At the very end of the input, these two characters are a division and a star.
          if (script.charCodeAt(pos + 1) !== 42 || pos + 2 >= limit)
            return this.token(OTHER, pos, pos + 1)
          const close = script.indexOf('*/', pos + 2)
          // A comment may stay open: it ends with the input.
          pos = close === -1 || close + 2 > limit ? limit : close + 2
          break
        }
        default:
          return this.token(OTHER, pos, pos + 1)
      }
    }
    return this.token(END, limit, limit)
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

  #quoted(kind: number, open: number, quote: string, what: string): number {
    const end = this.endOfQuoted(open, quote)
    if (end !== -1) return this.token(kind, open, end)
    return this.fail(open, `This ${what} is never closed.`, `Close it with ${quote}.`)
  }

  #bracketed(open: number): number {
    const close = this.script.indexOf(']', open + 1)
    if (close !== -1 && close < this.limit) return this.token(QUOTED_NAME, open, close + 1)
    return this.fail(open, 'This quoted name is never closed.', 'Close it with ].')
  }
}
