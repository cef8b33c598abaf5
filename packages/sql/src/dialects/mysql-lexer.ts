import {
  CLASS_BACKTICK,
  CLASS_CLOSE,
  CLASS_DASH,
  CLASS_DIGIT,
  CLASS_DOUBLE_QUOTE,
  CLASS_HASH,
  CLASS_OPEN,
  CLASS_QUOTE,
  CLASS_SEMICOLON,
  CLASS_SLASH,
  CLASS_SPACE,
  CLASS_STAR,
  CLASS_WORD,
  CLOSE,
  DELIMITER,
  END,
  EXECUTABLE_CLOSE,
  EXECUTABLE_OPEN,
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

/** What the reading of tokens depends on. */
export interface MysqlSyntax {
  /** `"` quotes a name instead of a string. */
  readonly ansiQuotes: boolean
  /** A backslash in a string takes the next character along. */
  readonly backslashEscapes: boolean
  readonly mariadb: boolean
  readonly serverVersion: number
}

const CLASSES = characterClasses({
  '\v': CLASS_SPACE,
  '`': CLASS_BACKTICK,
  '#': CLASS_HASH,
  '*': CLASS_STAR,
  $: CLASS_WORD,
})

const DOLLAR = 36
const NO_DELIMITER = Number.MAX_SAFE_INTEGER
const UNCLOSED_COMMENT = 'This comment is never closed.'
const CLOSE_COMMENT = 'Close it with */.'

/** The rules of MySQL's own scanner (sql_lex.cc), and the delimiter of its command-line client. */
export class MysqlLexer extends Lexer {
  readonly #syntax: MysqlSyntax
  #delimiter = ''
  #delimiterAt = NO_DELIMITER
  #executableOpen = -1
  #dollarQuotes: boolean

  constructor(script: string, syntax: MysqlSyntax) {
    super(script)
    this.#syntax = syntax
    this.#dollarQuotes = !syntax.mariadb
  }

  /** Whether the current token stands inside an executable comment. */
  get inExecutableComment(): boolean {
    return this.#executableOpen !== -1
  }

  get hasDelimiter(): boolean {
    return this.#delimiter !== ''
  }

  /** Sets what ends a statement besides a semicolon; an empty string for nothing. */
  setDelimiter(delimiter: string): void {
    this.#delimiter = delimiter
    this.#delimiterAt = delimiter === '' ? NO_DELIMITER : -1
  }

  override reset(start: number, end: number): void {
    super.reset(start, end)
    this.#executableOpen = -1
  }

  next(): number {
    const { script, limit } = this
    let pos = this.pos
    while (pos < limit) {
      // As in the client, the delimiter comes before all else but the inside of a string or comment.
      if (pos >= this.#delimiterAt || this.#delimiterAt === -1) {
        if (this.#findDelimiter(pos) === pos)
          return this.token(DELIMITER, pos, pos + this.#delimiter.length)
      }
      const code = script.charCodeAt(pos)
      switch (code < 128 ? (CLASSES[code] ?? 0) : CLASS_WORD) {
        case CLASS_SPACE:
          pos++
          break
        case CLASS_WORD: {
          const close = code === DOLLAR && this.is('AS') ? this.#endOfDollarQuoted(pos) : -1
          if (close !== -1) return this.token(STRING, pos, close)
          return this.token(WORD, pos, this.#endOfWord(pos + 1))
        }
        case CLASS_DIGIT:
          return this.token(NUMBER, pos, this.#endOfWord(pos + 1))
        case CLASS_SEMICOLON:
          return this.token(SEMICOLON, pos, pos + 1)
        case CLASS_OPEN:
          return this.token(OPEN, pos, pos + 1)
        case CLASS_CLOSE:
          return this.token(CLOSE, pos, pos + 1)
        case CLASS_QUOTE:
          return this.#string(pos, "'")
        case CLASS_DOUBLE_QUOTE:
          return this.#syntax.ansiQuotes ? this.#quotedName(pos, '"') : this.#string(pos, '"')
        case CLASS_BACKTICK:
          return this.#quotedName(pos, '`')
        case CLASS_HASH:
          pos = this.endOfLine(pos + 1)
          break
        case CLASS_DASH:
          if (!this.#startsDashComment(pos)) return this.token(OTHER, pos, pos + 1)
          pos = this.endOfLine(pos + 2)
          break
        case CLASS_STAR:
          if (this.#executableOpen === -1 || script.charCodeAt(pos + 1) !== 47)
            return this.token(OTHER, pos, pos + 1)
          this.#executableOpen = -1
          return this.token(EXECUTABLE_CLOSE, pos, pos + 2)
        case CLASS_SLASH: {
          if (script.charCodeAt(pos + 1) !== 42) return this.token(OTHER, pos, pos + 1)
          const contents = this.#executableContents(pos)
          if (contents > 0 && this.#executableOpen === -1) {
            this.#executableOpen = pos
            return this.token(EXECUTABLE_OPEN, pos, contents)
          }
          const end = contents < 0 ? this.#endOfSkipped(pos) : this.#endOfComment(pos)
          if (end === -1) return this.fail(pos, UNCLOSED_COMMENT, CLOSE_COMMENT)
          pos = end
          break
        }
        default:
          return this.token(OTHER, pos, pos + 1)
      }
    }
    if (this.#executableOpen !== -1)
      return this.fail(this.#executableOpen, UNCLOSED_COMMENT, CLOSE_COMMENT)
    return this.token(END, limit, limit)
  }

  #endOfWord(from: number): number {
    const { script, limit } = this
    let pos = from
    while (pos < limit) {
      const code = script.charCodeAt(pos)
      if (!isWordCharacter(code)) break
      pos++
    }
    // A delimiter of letters, or of dollar signs, cuts a word in two.
    if (this.#delimiterAt >= pos) return pos
    return Math.min(pos, this.#findDelimiter(from))
  }

  /** `LANGUAGE JAVASCRIPT AS $$ … $$`, since MySQL 9.0; -1 if the dollar sign starts a name. */
  #endOfDollarQuoted(open: number): number {
    const { script, limit } = this
    if (!this.#dollarQuotes) return -1
    let pos = open + 1
    while (
      pos < limit &&
      script.charCodeAt(pos) !== DOLLAR &&
      isWordCharacter(script.charCodeAt(pos))
    )
      pos++
    if (pos >= limit || script.charCodeAt(pos) !== DOLLAR) return -1
    const tag = script.slice(open, pos + 1)
    const close = script.indexOf(tag, pos + 1)
    if (close !== -1 && close + tag.length <= limit) return close + tag.length
    // A script that has names like this is not searched to its end for each of them.
    this.#dollarQuotes = false
    return -1
  }

  #findDelimiter(from: number): number {
    if (this.#delimiterAt < from) {
      const at = this.script.indexOf(this.#delimiter, from)
      this.#delimiterAt = at === -1 ? NO_DELIMITER : at
    }
    return this.#delimiterAt
  }

  #string(open: number, quote: string): number {
    const end = this.#syntax.backslashEscapes
      ? this.endOfEscaped(open, quote.charCodeAt(0))
      : this.endOfQuoted(open, quote)
    if (end !== -1) return this.token(STRING, open, end)
    return this.fail(open, 'This string is never closed.', `Close it with ${quote}.`)
  }

  #quotedName(open: number, quote: string): number {
    const end = this.endOfQuoted(open, quote)
    if (end !== -1) return this.token(QUOTED_NAME, open, end)
    return this.fail(open, 'This quoted name is never closed.', `Close it with ${quote}.`)
  }

  /** Two dashes start a comment only where white space, a control character or the end of the input follows. */
  #startsDashComment(pos: number): boolean {
    if (this.script.charCodeAt(pos + 1) !== 45) return false
    const after = this.script.charCodeAt(pos + 2)
    return pos + 2 >= this.limit || after <= 32 || after === 127
  }

  #endOfComment(open: number): number {
    const close = this.script.indexOf('*/', open + 2)
    return close === -1 || close + 2 > this.limit ? -1 : close + 2
  }

  /** A comment for another server is skipped as a whole; there, and only there, comments may nest once. */
  #endOfSkipped(open: number): number {
    const { script, limit } = this
    let depth = 1
    for (let pos = open + 2; pos + 1 < limit; pos++) {
      const code = script.charCodeAt(pos)
      if (code === 42 && script.charCodeAt(pos + 1) === 47) {
        if (--depth === 0) return pos + 2
        pos++
      } else if (depth === 1 && code === 47 && script.charCodeAt(pos + 1) === 42) {
        depth++
        pos++
      }
    }
    return -1
  }

  /**
   * Where the SQL in a comment that starts with `/*!` begins. 0: an ordinary comment. -1: the server skips it, since
   * it is for a newer one, or in MariaDB for MySQL from 5.7 on.
   */
  #executableContents(open: number): number {
    const { script } = this
    let pos = open + 2
    const { mariadb, serverVersion } = this.#syntax
    const forMariadb = mariadb && script.startsWith('M!', pos)
    if (forMariadb) pos++
    if (script.charCodeAt(pos) !== 33 || pos >= this.limit) return 0
    pos++
    let digits = 0
    while (digits < 6 && isDigit(script.charCodeAt(pos + digits))) digits++
    if (digits < 5) return pos
    const version = Number(script.slice(pos, pos + digits))
    if (version > serverVersion) return -1
    if (mariadb && !forMariadb && version >= 50700 && version <= 99999) return -1
    return pos + digits
  }
}

function isWordCharacter(code: number): boolean {
  return code >= 128 || CLASSES[code] === CLASS_WORD || CLASSES[code] === CLASS_DIGIT
}

function isDigit(code: number): boolean {
  return code >= 48 && code <= 57
}
