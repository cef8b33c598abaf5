import { ddlCommand } from './command-name.ts'
import { type Lexer, readTokens } from './lexer.ts'
import type { StatementRole } from './script.ts'
import type { StatementKind } from './statements.ts'

const HEAD = 4 // tokens that are enough to know most statements by
const LONGEST_KEYWORD = 40

/** First words that say it all, with the kind of statement that they say. */
export type PlainWords = ReadonlyMap<string, StatementKind>

/** The words, upper and lower case. */
export function plainWords(words: string): PlainWords {
  const kinds = new Map<string, StatementKind>()
  for (const command of words.split(' ')) {
    const kind: StatementKind = { role: 'plain', command }
    kinds.set(command, kind)
    kinds.set(command.toLowerCase(), kind)
  }
  return kinds
}

/** Finds out what kind a statement is; each dialect has its own rules. One for each script. */
export abstract class Roles {
  protected readonly lexer: Lexer
  readonly #plain: PlainWords
  /** What was found in this script. Most scripts need none of it. */
  #kinds: Map<string, StatementKind> | undefined
  #byFirstWord: Map<string, StatementKind> | undefined

  /** `plain` are the words that are known by themselves. A script may have a million such statements. */
  constructor(lexer: Lexer, plain: PlainWords) {
    this.lexer = lexer
    this.#plain = plain
  }

  kindOf(start: number, firstTokenEnd: number, end: number): StatementKind {
    const short = firstTokenEnd - start <= 12
    const first = short ? this.lexer.script.slice(start, firstTokenEnd) : ''
    const known = this.#knownBy(first)
    if (known !== undefined) return known
    const tokens = this.tokens(start, end, HEAD)
    const plain = this.#knownBy(tokens[0] ?? '')
    if (plain === undefined) return this.classify(tokens, start, end)
    if (short) this.#remember(first, plain)
    return plain
  }

  #knownBy(word: string): StatementKind | undefined {
    return this.#plain.get(word) ?? this.#byFirstWord?.get(word)
  }

  #remember(word: string, kind: StatementKind): void {
    this.#byFirstWord ??= new Map()
    this.#byFirstWord.set(word, kind)
  }

  /** `tokens` are the first few. */
  protected abstract classify(tokens: readonly string[], start: number, end: number): StatementKind

  /** Has all further statements that start with this word taken for plain. */
  protected takeForPlain(word: string): StatementKind {
    const kind = this.plain(word)
    this.#remember(word, kind)
    return kind
  }

  /** Names a CREATE, ALTER or DROP; most show their object at once. */
  protected ddlCommand(tokens: readonly string[], start: number, end: number): string {
    const command = ddlCommand(tokens)
    return command === tokens[0] ? ddlCommand(this.tokens(start, end, 24)) : command
  }

  /** The statement's tokens, as `readTokens` writes them; for what `classify` cannot tell from the first few. */
  protected tokens(start: number, end: number, max: number = Number.MAX_SAFE_INTEGER): string[] {
    return readTokens(this.lexer, start, end, max)
  }

  protected plain(command: string): StatementKind {
    return this.kind('plain', command.slice(0, LONGEST_KEYWORD))
  }

  /** One object per role and command, so that a list of a million statements holds each only once. */
  protected kind(role: StatementRole, command: string, reason?: string): StatementKind {
    const key = `${role} ${command} ${reason ?? ''}`
    this.#kinds ??= new Map()
    let kind = this.#kinds.get(key)
    if (kind === undefined) {
      kind = reason === undefined ? { role, command } : { role, command, reason }
      this.#kinds.set(key, kind)
    }
    return kind
  }
}
