import { CLOSE, NUMBER, OPEN, QUOTED_NAME, SEMICOLON, STRING, WORD, type Lexer } from '../lexer.ts'

// What an open block is, which decides what its parts mean.
const BLOCK = 1 // BEGIN … END
const IF = 2
const CASE_STATEMENT = 3
const CASE_EXPRESSION = 4
const LOOP = 5 // LOOP, WHILE, FOR
const REPEAT = 6

// Where in the statement we are.
const BEFORE_NAME = 0
const HEADER = 1
const TYPE = 2
const BODY = 3

// Words between the parameters of a procedure or function and its script.
const CHARACTERISTICS = new Set(
  'COMMENT LANGUAGE SQL NOT DETERMINISTIC CONTAINS NO READS MODIFIES DATA SECURITY DEFINER INVOKER'.split(
    ' ',
  ),
)
// Words that may follow the first word of a function's type.
const TYPE_WORDS = new Set(
  'PRECISION VARCHAR CHAR VARCHARACTER VARBINARY VARYING UNSIGNED SIGNED ZEROFILL BINARY ASCII UNICODE BYTE'.split(
    ' ',
  ),
)
// After these words END is a column of that name, not the end of a CASE.
const NOT_BEFORE_END = new Set(
  'CASE WHEN THEN ELSE AND OR NOT XOR BETWEEN LIKE IN IS DIV MOD REGEXP RLIKE BINARY DISTINCT SELECT BY'.split(
    ' ',
  ),
)

/**
 * Follows a stored program (CREATE PROCEDURE, FUNCTION, TRIGGER, EVENT, or a block that stands alone) token by token
 * and knows at which semicolon it ends. It tracks where a statement may start, because only there IF, LOOP and REPEAT
 * open something: elsewhere they are functions.
 */
export class CompoundTracker {
  readonly #open: number[] = []
  readonly #parenDepths: number[] = []
  #place = BEFORE_NAME
  #object = ''
  #parens = 0
  #atStatement = false
  #inHandler = false
  #inUntil = false
  #skipNext = false
  #previous = ''
  #previousKind = 0

  /** `inScript` when the statement is a block itself (`BEGIN NOT ATOMIC …`). */
  constructor(inScript: boolean) {
    if (inScript) this.#startScript()
  }

  /** Takes the next token; true if it is the semicolon that ends the whole. */
  take(kind: number, lexer: Lexer): boolean {
    const wasSkipped = this.#skipNext
    this.#skipNext = false
    let word = ''
    if (kind === SEMICOLON) {
      if (this.#open.length === 0) return true
      this.#parens = 0
      this.#inHandler = false
      this.#atStatement = true
    } else if (kind === WORD) {
      word =
        lexer.end - lexer.start > 24
          ? '?'
          : lexer.script.slice(lexer.start, lexer.end).toUpperCase()
      if (this.#previous === '.' || this.#previous === '@') this.#atStatement = false
      else if (!wasSkipped) this.#word(word)
    } else {
      word = kind === OPEN || kind === CLOSE ? '' : lexer.script.slice(lexer.start, lexer.start + 1)
      this.#other(kind, word, wasSkipped)
    }
    this.#previous = word
    this.#previousKind = kind
    return false
  }

  #other(kind: number, text: string, wasSkipped: boolean): void {
    if (kind === OPEN) this.#parens++
    else if (kind === CLOSE) {
      this.#parens = Math.max(0, this.#parens - 1)
      const closesParameters = this.#place === HEADER && this.#object === 'PROCEDURE'
      if (closesParameters && this.#parens === 0) this.#place = TYPE
    }
    if (this.#place === HEADER || this.#place === BEFORE_NAME) return
    if (this.#place === TYPE) {
      // A quoted word here can only be the name of a character set or the comment.
      if (kind === OPEN || kind === CLOSE || this.#parens > 0 || kind === STRING || wasSkipped)
        return
    }
    if (this.#inHandler && (kind === STRING || kind === NUMBER)) {
      this.#atStatement = true // SQLSTATE '23000', or the number of an error
      return
    }
    // `label:` stands before a statement.
    const named = this.#previousKind === WORD || this.#previousKind === QUOTED_NAME
    if (text === ':' && named && this.#parens === 0) this.#startScript()
    else if (kind !== QUOTED_NAME) this.#atStatement = false
  }

  #word(word: string): void {
    if (this.#place === BODY) this.#scriptWord(word)
    else if (this.#parens > 0) return
    else if (this.#place === BEFORE_NAME) this.#createWord(word)
    else if (this.#place === HEADER) this.#headerWord(word)
    else this.#typeWord(word)
  }

  #createWord(word: string): void {
    if (!['PROCEDURE', 'FUNCTION', 'TRIGGER', 'EVENT'].includes(word)) return
    // `DEFINER = event` names a user.
    if (this.#previous === '=') return
    this.#object = word
    this.#place = HEADER
  }

  #headerWord(word: string): void {
    if (this.#object === 'TRIGGER') {
      if (word === 'ROW' && this.#previous === 'EACH') this.#startScript()
    } else if (this.#object === 'EVENT') {
      if (word === 'DO') this.#startScript()
    } else if (this.#object === 'FUNCTION' && word === 'RETURNS') {
      this.#place = TYPE
      this.#skipNext = true
    }
  }

  #typeWord(word: string): void {
    const names =
      word === 'CHARSET' || word === 'COLLATE' || (word === 'SET' && this.#isCharacter())
    if (names || word === 'LANGUAGE' || word === 'OF') this.#skipNext = true
    else if (word === 'CHARACTER' || TYPE_WORDS.has(word) || CHARACTERISTICS.has(word)) return
    else {
      this.#startScript()
      this.#scriptWord(word)
    }
  }

  #isCharacter(): boolean {
    return this.#previous === 'CHARACTER' || this.#previous === 'CHAR'
  }

  #startScript(): void {
    this.#place = BODY
    this.#atStatement = true
  }

  #scriptWord(word: string): void {
    if (this.#inHandler && this.#handlerWord(word)) return
    const mayStart = this.#atStatement
    this.#atStatement = false
    const top = this.#open.at(-1)
    switch (word) {
      case 'BEGIN':
        if (mayStart) this.#push(BLOCK, true)
        return
      case 'NOT':
      case 'ATOMIC':
        // BEGIN NOT ATOMIC
        this.#atStatement = this.#previous === 'BEGIN' || (word === 'ATOMIC' && mayStart)
        return
      case 'IF':
        if (mayStart) this.#push(IF, false)
        return
      case 'LOOP':
        if (mayStart) this.#push(LOOP, true)
        return
      case 'REPEAT':
        if (mayStart) this.#push(REPEAT, true)
        return
      case 'WHILE':
      case 'FOR':
        if (mayStart) this.#push(LOOP, false)
        else if (this.#previous === 'HANDLER') this.#inHandler = true
        return
      case 'CASE':
        if (this.#previous !== 'END') this.#push(mayStart ? CASE_STATEMENT : CASE_EXPRESSION, false)
        return
      case 'UNTIL':
        this.#inUntil = mayStart && top === REPEAT
        return
      case 'DO':
        this.#atStatement = top === LOOP && this.#parens === this.#parenDepths.at(-1)
        return
      case 'THEN':
        this.#atStatement = top === IF || top === CASE_STATEMENT
        return
      case 'ELSE':
        this.#atStatement = mayStart
        return
      case 'FOLLOWS':
      case 'PRECEDES':
        this.#skipTriggerName(mayStart)
        return
      case 'END':
        this.#end(mayStart, top)
        return
      default:
        return
    }
  }

  /** Reads the conditions of `DECLARE … HANDLER FOR`; false for the first word of the handler's statement. */
  #handlerWord(word: string): boolean {
    if (word === 'NOT' || word === 'SQLSTATE' || word === 'VALUE') return true
    const named = this.#previous === 'FOR' || this.#previous === ','
    this.#inHandler = named || word === 'FOUND'
    if (this.#inHandler) this.#atStatement = true
    return this.#inHandler
  }

  #skipTriggerName(mayStart: boolean): void {
    if (this.#object !== 'TRIGGER' || !mayStart || this.#open.length > 0) return
    this.#skipNext = true
    this.#atStatement = true
  }

  #end(mayStart: boolean, top: number | undefined): void {
    if (top === CASE_EXPRESSION) {
      if (this.#parens !== this.#parenDepths.at(-1) || !this.#endsExpression()) return
    } else if (!mayStart && !(this.#inUntil && top === REPEAT)) return
    if (top === REPEAT) this.#inUntil = false
    this.#open.pop()
    this.#parenDepths.pop()
  }

  #endsExpression(): boolean {
    const kind = this.#previousKind
    if (kind === WORD) return !NOT_BEFORE_END.has(this.#previous)
    return kind === CLOSE || kind === STRING || kind === QUOTED_NAME || kind === NUMBER
  }

  #push(block: number, atStatement: boolean): void {
    this.#open.push(block)
    this.#parenDepths.push(this.#parens)
    this.#atStatement = atStatement
  }
}
