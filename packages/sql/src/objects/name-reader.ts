import {
  END,
  EXECUTABLE_CLOSE,
  EXECUTABLE_OPEN,
  FAULT,
  type Lexer,
  QUOTED_NAME,
  STRING,
  WORD,
} from '../lexer.ts'

/** What the dialects differ in, as far as names go. */
export interface NameSyntax {
  /** How a name without quotes is stored. */
  fold(name: string): string
  /** Takes the quotes off a name. Nothing for one that cannot be read so simply. */
  unquote(text: string): string | undefined
}

/** A name, with what stands before its last dot. */
export interface QualifiedName {
  readonly schema?: string
  readonly name: string
}

interface Token {
  /** In upper case for a word; empty for a quoted name. */
  readonly word: string
  readonly name: string | undefined
}

/** Scripts of functions and long lists of columns need not be read to their end. */
const mostTokens = 20_000

/** Walks over the words and names of one statement. */
export class NameReader {
  readonly #tokens: readonly Token[]
  #at = 0

  constructor(lexer: Lexer, syntax: NameSyntax) {
    this.#tokens = readAll(lexer, syntax)
  }

  get done(): boolean {
    return this.#at >= this.#tokens.length
  }

  /** The word at the cursor in upper case, or punctuation. */
  get word(): string {
    return this.peek(0)
  }

  peek(ahead: number): string {
    return this.#tokens[this.#at + ahead]?.word ?? ''
  }

  skip(count = 1): void {
    this.#at += count
  }

  /** Moves over these words if they stand here, and says whether they did. */
  take(...words: readonly string[]): boolean {
    if (!words.every((word, i) => this.peek(i) === word)) return false
    this.skip(words.length)
    return true
  }

  /** Moves over a name. Nothing, and no move, where none stands here. */
  name(): string | undefined {
    const name = this.#tokens[this.#at]?.name
    if (name !== undefined) this.skip()
    return name
  }

  /** Moves over a name of up to three parts; the last but one is the schema. */
  qualified(): QualifiedName | undefined {
    const parts: string[] = []
    for (;;) {
      const name = this.name()
      if (name === undefined) break
      parts.push(name)
      if (!this.take('.')) break
    }
    const name = parts.at(-1)
    if (name === undefined) return undefined
    const schema = parts.at(-2)
    return schema === undefined ? { name } : { schema, name }
  }

  /** Moves over what stands in parentheses here, and says whether anything did. */
  parenthesised(): boolean {
    if (this.word !== '(') return false
    let depth = 0
    for (; !this.done; this.skip()) {
      if (this.word === '(') depth++
      else if (this.word === ')' && --depth === 0) {
        this.skip()
        break
      }
    }
    return true
  }

  /** Moves after the next comma that stands outside of parentheses, and says whether there was one. */
  nextInList(): boolean {
    while (!this.done) {
      if (this.take(',')) return true
      if (!this.parenthesised()) this.skip()
    }
    return false
  }

  /** Moves after the next such word outside of parentheses, and says whether there was one. */
  after(word: string): boolean {
    while (!this.done) {
      if (this.take(word)) return true
      if (!this.parenthesised()) this.skip()
    }
    return false
  }

  /** Whether a word stands anywhere from the cursor on. */
  has(word: string): boolean {
    return this.#tokens.some((token, i) => i >= this.#at && token.word === word)
  }
}

const readAll = (lexer: Lexer, syntax: NameSyntax): readonly Token[] => {
  const tokens: Token[] = []
  lexer.reset(0, lexer.script.length)
  while (tokens.length < mostTokens) {
    const kind = lexer.next()
    if (kind === END || kind === FAULT) break
    if (kind === EXECUTABLE_OPEN || kind === EXECUTABLE_CLOSE) continue
    const text = lexer.script.slice(lexer.start, lexer.end)
    if (kind === WORD) tokens.push({ word: text.toUpperCase(), name: syntax.fold(text) })
    else if (kind === QUOTED_NAME) tokens.push({ word: '', name: syntax.unquote(text) })
    else tokens.push({ word: kind === STRING ? "'" : text, name: undefined })
  }
  return tokens
}
