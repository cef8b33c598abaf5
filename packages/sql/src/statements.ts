import { LineCounter } from './line-counter.ts'
import type {
  ParsedScript,
  ScriptProblem,
  Statement,
  StatementList,
  StatementRole,
} from './script.ts'

/** What does not depend on a statement's place; one object serves all statements of its kind. */
export interface StatementKind {
  readonly role: StatementRole
  readonly command: string
  readonly reason?: string
}

/** Something that makes a script impossible to run, found at an offset. */
export interface Fault {
  readonly message: string
  readonly hint: string
  readonly offset: number
}

const FIELDS = 5 // start, end, line, column, index of the kind
const CHUNK = 1 << 14 // statements per chunk
// So small that the engine keeps it beside the object: most scripts have a statement or two.
const FIRST_CHUNK = 3

/** Collects the statements of one script, in order, in typed arrays. */
export class ScriptBuilder {
  readonly #script: string
  readonly #lines: LineCounter
  readonly #chunks: Uint32Array[] = []
  readonly #kinds: StatementKind[] = []
  readonly #kindIndexes = new Map<StatementKind, number>()
  #lastKind: StatementKind | undefined
  #lastKindIndex = 0
  #length = 0

  constructor(script: string, offset: number) {
    this.#script = script
    this.#lines = new LineCounter(script, offset)
  }

  add(start: number, end: number, kind: StatementKind): void {
    this.#lines.moveTo(start)
    const chunk = this.#chunkForNext()
    const field = (this.#length % CHUNK) * FIELDS
    chunk[field] = start
    chunk[field + 1] = end
    chunk[field + 2] = this.#lines.line
    chunk[field + 3] = this.#lines.column
    chunk[field + 4] = this.#indexOfKind(kind)
    this.#length++
  }

  finish(fault?: Fault): ParsedScript {
    const statements = new CompactList(this.#script, this.#chunks, this.#kinds, this.#length)
    return fault === undefined ? { statements } : { statements, problem: this.#problem(fault) }
  }

  #problem(fault: Fault): ScriptProblem {
    this.#lines.moveTo(fault.offset)
    return {
      message: fault.message,
      hint: fault.hint,
      offset: fault.offset,
      line: this.#lines.line,
      column: this.#lines.column,
    }
  }

  #chunkForNext(): Uint32Array {
    const index = Math.floor(this.#length / CHUNK)
    const chunk = this.#chunks[index]
    const used = (this.#length % CHUNK) * FIELDS
    if (chunk !== undefined && used < chunk.length) return chunk
    // The first chunk grows from a small one, since most scripts have a handful of statements.
    const size = index > 0 ? CHUNK : Math.max(FIRST_CHUNK, (used / FIELDS) * 2)
    const bigger = new Uint32Array(size * FIELDS)
    if (chunk !== undefined) bigger.set(chunk)
    this.#chunks[index] = bigger
    return bigger
  }

  #indexOfKind(kind: StatementKind): number {
    if (kind === this.#lastKind) return this.#lastKindIndex
    let index = this.#kindIndexes.get(kind)
    if (index === undefined) {
      index = this.#kinds.push(kind) - 1
      this.#kindIndexes.set(kind, index)
    }
    this.#lastKind = kind
    this.#lastKindIndex = index
    return index
  }
}

/** Statements in typed arrays. A class, so that ten thousand lists share their methods. */
class CompactList implements StatementList {
  readonly #script: string
  readonly #chunks: readonly Uint32Array[]
  readonly #kinds: readonly StatementKind[]
  readonly length: number

  constructor(
    script: string,
    chunks: readonly Uint32Array[],
    kinds: readonly StatementKind[],
    length: number,
  ) {
    this.#script = script
    this.#chunks = chunks
    this.#kinds = kinds
    this.length = length
  }

  at(index: number): Statement | undefined {
    const place = index < 0 ? this.length + index : index
    return place >= 0 && place < this.length ? this.#get(place) : undefined
  }

  *[Symbol.iterator](): Generator<Statement, void, undefined> {
    for (let index = 0; index < this.length; index++) {
      const statement = this.#get(index)
      if (statement !== undefined) yield statement
    }
  }

  #get(index: number): Statement | undefined {
    const chunk = this.#chunks[Math.floor(index / CHUNK)]
    const field = (index % CHUNK) * FIELDS
    const kind = this.#kinds[chunk?.[field + 4] ?? -1]
    if (chunk === undefined || kind === undefined) return undefined
    const start = chunk[field] ?? 0
    const end = chunk[field + 1] ?? 0
    const place = {
      text: this.#script.slice(start, end),
      start,
      end,
      line: chunk[field + 2] ?? 0,
      column: chunk[field + 3] ?? 0,
    }
    return { ...place, ...kind }
  }
}
