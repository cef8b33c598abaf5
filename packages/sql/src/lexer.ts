import type { Fault } from './statements.ts'

// Token kinds. Comments and white space are no tokens.
export const END = 0
export const WORD = 1
export const NUMBER = 2
export const QUOTED_NAME = 3
export const STRING = 4
export const SEMICOLON = 5
export const OPEN = 6
export const CLOSE = 7
export const OTHER = 8
export const FAULT = 9
export const DELIMITER = 10
export const EXECUTABLE_OPEN = 11
export const EXECUTABLE_CLOSE = 12

// Classes of ASCII characters, 0 for those that are a token by themselves. Every other character belongs to a word, in
// all three dialects.
export const CLASS_SPACE = 1
export const CLASS_WORD = 2
export const CLASS_DIGIT = 3
export const CLASS_QUOTE = 4
export const CLASS_DOUBLE_QUOTE = 5
export const CLASS_BACKTICK = 6
export const CLASS_BRACKET = 7
export const CLASS_DOLLAR = 8
export const CLASS_DASH = 9
export const CLASS_SLASH = 10
export const CLASS_HASH = 11
export const CLASS_STAR = 12
export const CLASS_SEMICOLON = 13
export const CLASS_OPEN = 14
export const CLASS_CLOSE = 15
export const CLASS_BACKSLASH = 16

/** Builds the class table of a dialect: what is common to all, then the given characters. */
export function characterClasses(own: Readonly<Record<string, number>>): Uint8Array {
  const table = new Uint8Array(128)
  const set = (characters: string, characterClass: number): void => {
    for (const character of characters) table[character.charCodeAt(0)] = characterClass
  }
  set(' \t\n\r\f', CLASS_SPACE)
  set('abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ_', CLASS_WORD)
  set('0123456789', CLASS_DIGIT)
  set("'", CLASS_QUOTE)
  set('"', CLASS_DOUBLE_QUOTE)
  set('-', CLASS_DASH)
  set('/', CLASS_SLASH)
  set(';', CLASS_SEMICOLON)
  set('(', CLASS_OPEN)
  set(')', CLASS_CLOSE)
  for (const [characters, characterClass] of Object.entries(own)) set(characters, characterClass)
  return table
}

/**
 * Reads one token after the other. Where the input cannot be read on, `next` answers `FAULT` and `fault` says why.
 * The fields are plain numbers on one object, since this runs for each token of scripts of 100 MB.
 */
export abstract class Lexer {
  readonly script: string
  limit: number
  pos = 0
  /** Where the current token starts. */
  start = 0
  /** Where the current token ends. */
  end = 0
  fault: Fault | undefined

  constructor(script: string) {
    this.script = script
    this.limit = script.length
  }

  /** Moves to the next token and returns its kind. */
  abstract next(): number

  /** Reads from here on only the characters from `start` to `end`. */
  reset(start: number, end: number): void {
    this.pos = start
    this.start = start
    this.end = start
    this.limit = end
    this.fault = undefined
  }

  /** Tells whether the current token, which must be a word, is this key word (given in upper case). */
  is(keyword: string): boolean {
    const length = this.end - this.start
    if (length !== keyword.length) return false
    for (let i = 0; i < length; i++) {
      const code = this.script.charCodeAt(this.start + i)
      const upper = code >= 97 && code <= 122 ? code - 32 : code
      if (upper !== keyword.charCodeAt(i)) return false
    }
    return true
  }

  protected token(kind: number, start: number, end: number): number {
    this.start = start
    this.end = end
    this.pos = end
    return kind
  }

  protected fail(offset: number, message: string, hint: string): number {
    this.fault = { offset, message, hint }
    return this.token(FAULT, offset, this.limit)
  }

  /** Finds the end of a quoted token in which only a doubled quote stands for the quote itself; -1 if there is none. */
  protected endOfQuoted(open: number, quote: string): number {
    const end = this.script.indexOf(quote, open + 1)
    // A doubled quote reads as two quoted tokens in a row, which is the same for finding the end of a statement,
    // but a statement must not start or end between the two.
    if (end === -1 || end >= this.limit) return -1
    let last = end
    while (
      this.script.charCodeAt(last + 1) === this.script.charCodeAt(open) &&
      last + 1 < this.limit
    ) {
      last = this.script.indexOf(quote, last + 2)
      if (last === -1 || last >= this.limit) return -1
    }
    return last + 1
  }

  /** Finds the end of a string in which a backslash takes the next character along; -1 if there is none. */
  protected endOfEscaped(open: number, quote: number): number {
    const { script, limit } = this
    let i = open + 1
    while (i < limit) {
      const code = script.charCodeAt(i)
      if (code === 92) i += 2
      else if (code !== quote) i++
      else if (i + 1 < limit && script.charCodeAt(i + 1) === quote) i += 2
      else return i + 1
    }
    return -1
  }

  /** Finds the end of a comment that goes to the end of its line, which `\n` ends. */
  protected endOfLine(from: number): number {
    const end = this.script.indexOf('\n', from)
    return end === -1 || end > this.limit ? this.limit : end
  }
}

/**
 * Reads up to `max` tokens in a form made for comparing: words in upper case, punctuation as it stands, `'` for a
 * string, `"` for a quoted name, `0` for a number.
 */
export function readTokens(lexer: Lexer, start: number, end: number, max: number): string[] {
  const tokens: string[] = []
  lexer.reset(start, end)
  while (tokens.length < max) {
    const kind = lexer.next()
    if (kind === END || kind === FAULT) break
    if (kind === WORD) tokens.push(lexer.script.slice(lexer.start, lexer.end).toUpperCase())
    else if (kind === STRING) tokens.push("'")
    else if (kind === QUOTED_NAME) tokens.push('"')
    else if (kind === NUMBER) tokens.push('0')
    else if (kind !== EXECUTABLE_OPEN && kind !== EXECUTABLE_CLOSE)
      tokens.push(lexer.script.slice(lexer.start, lexer.end))
  }
  return tokens
}
