import type { ParsedScript, ScriptProblem, Statement, StatementList } from './statement.ts'

/** A script and what it was cut into. */
export interface SplitScript {
  readonly script: string
  readonly parsed: ParsedScript
}

/** A chunk of a script with the statements in it, whose places count from its own beginning. */
interface Window {
  readonly text: string
  readonly statements: StatementList
  /** How many of its statements count: those after them are cut again with the window that follows. */
  readonly count: number
  /** Index of its first statement. */
  readonly first: number
  readonly place: Place
}

/** Where something stands in the whole script. */
interface Place {
  readonly offset: number
  readonly line: number
  readonly column: number
}

/** So much before a window's end may be read otherwise once it is known what follows. */
const usualMargin = 4096

/**
 * Cuts a script into statements while it comes in, a window after the other, so that a text of 100 MB is never put
 * together: a window holds as many statements as end well before its own end, and the next one begins after them.
 *
 * The script's text is made of the windows. Reading in it, other than with `textOf`, puts it together after all.
 */
export class ScriptWindows {
  readonly #split: (text: string) => ParsedScript
  readonly #margin: number
  readonly #windows: Window[] = []
  #place: Place = { offset: 0, line: 1, column: 1 }
  #count = 0

  constructor(split: (text: string) => ParsedScript, margin: number = usualMargin) {
    this.#split = split
    this.#margin = margin
  }

  /**
   * Takes a chunk of the script and returns what is left of it, with which the next chunk has to begin. Nothing
   * where the script cannot be cut in windows: a statement is too long, or has to be read with what stands before it.
   */
  add(text: string): string | undefined {
    const parsed = this.#split(text)
    const count = this.#countSettled(parsed, text.length)
    const end = parsed.statements.at(count - 1)?.end
    if (parsed.sequential === true || count === 0 || end === undefined) return undefined
    this.#close(parsed, count, text.slice(0, end))
    return text.slice(end)
  }

  /** Takes the last chunk, and gives the whole script. Nothing as `add` does. */
  finish(text: string): SplitScript | undefined {
    const last = this.#split(text)
    if (this.#windows.length === 0) return { script: text, parsed: last }
    if (last.sequential === true) return undefined
    const place = this.#place
    this.#close(last, last.statements.length, text)
    let script = ''
    for (const window of this.#windows) script += window.text
    return { script, parsed: new WindowedScript(this.#windows, script.length, last.problem, place) }
  }

  /** How many statements are as they would be in the whole script. */
  #countSettled({ statements, problem }: ParsedScript, length: number): number {
    const limit = Math.min(length - this.#margin, problem?.offset ?? Infinity)
    let count = statements.length - 1
    while (count > 0 && (statements.at(count - 1)?.end ?? 0) > limit) count--
    return Math.max(count, 0)
  }

  #close({ statements }: ParsedScript, count: number, text: string): void {
    this.#windows.push({ text, statements, count, first: this.#count, place: this.#place })
    this.#count += count
    this.#place = placeAfter(this.#place, text)
  }
}

const placeAfter = ({ offset, line, column }: Place, text: string): Place => {
  let lines = 0
  let lineStart = 0
  for (let at = text.indexOf('\n'); at !== -1; at = text.indexOf('\n', lineStart)) {
    lines++
    lineStart = at + 1
  }
  let characters = 0
  for (let at = lineStart; at < text.length; at++) {
    // The second half of a surrogate pair is not a character of its own.
    if ((text.charCodeAt(at) & 0xfc00) !== 0xdc00) characters++
  }
  return {
    offset: offset + text.length,
    line: line + lines,
    column: (lines === 0 ? column : 1) + characters,
  }
}

/** A place in a window as one in the script. */
const shifted = (at: { line: number; column: number }, { line, column }: Place) => ({
  line: line + at.line - 1,
  column: at.line === 1 ? column + at.column - 1 : at.column,
})

class WindowedScript implements ParsedScript {
  readonly statements: StatementList
  readonly problem?: ScriptProblem
  readonly #windows: readonly Window[]
  readonly #length: number

  constructor(
    windows: readonly Window[],
    length: number,
    problem: ScriptProblem | undefined,
    last: Place,
  ) {
    this.#windows = windows
    this.#length = length
    this.statements = new WindowedList(windows)
    if (problem !== undefined) {
      const offset = last.offset + problem.offset
      this.problem = { ...problem, ...shifted(problem, last), offset }
    }
  }

  textOf(start: number, end: number = this.#length): string {
    let text = ''
    for (const { text: part, place } of this.#windows) {
      if (place.offset >= end) break
      if (place.offset + part.length <= start) continue
      text += part.slice(Math.max(start - place.offset, 0), end - place.offset)
    }
    return text
  }
}

class WindowedList implements StatementList {
  readonly #windows: readonly Window[]
  readonly length: number
  /** Statements are mostly asked for in order. */
  #current = 0

  constructor(windows: readonly Window[]) {
    this.#windows = windows
    const last = windows.at(-1)
    this.length = last === undefined ? 0 : last.first + last.count
  }

  at(index: number): Statement | undefined {
    const wanted = index < 0 ? this.length + index : index
    if (wanted < 0 || wanted >= this.length) return undefined
    const window = this.#windowOf(wanted)
    const statement = window?.statements.at(wanted - window.first)
    return window === undefined || statement === undefined
      ? undefined
      : inScript(statement, window.place)
  }

  *[Symbol.iterator](): Generator<Statement, void, undefined> {
    for (const { statements, count, place } of this.#windows) {
      let index = 0
      for (const statement of statements) {
        if (index++ >= count) break
        yield inScript(statement, place)
      }
    }
  }

  #windowOf(index: number): Window | undefined {
    for (let step = 0; step < this.#windows.length; step++) {
      const at = (this.#current + step) % this.#windows.length
      const window = this.#windows[at]
      if (window === undefined || index < window.first) continue
      if (index >= window.first + window.count) continue
      this.#current = at
      return window
    }
    return undefined
  }
}

const inScript = (statement: Statement, place: Place): Statement => ({
  ...statement,
  ...shifted(statement, place),
  start: place.offset + statement.start,
  end: place.offset + statement.end,
})
