import { LineCounter } from './line-counter.ts'
import type { Script, ScriptProblem, Statement, StatementList, StatementRole } from './script.ts'

/** What does not depend on a statement's place; one object serves all statements of its kind. */
export interface StatementKind {
  readonly role: StatementRole
  readonly command: string
  readonly reason?: string
}

/** Something that makes a body impossible to run, found at an offset. */
export interface Fault {
  readonly message: string
  readonly hint: string
  readonly offset: number
}

const FIELDS = 5 // start, end, line, column, index of the kind
const CHUNK = 1 << 14 // statements per chunk
const FIRST_CHUNK = 32

/** Collects the statements of one body, in order, in typed arrays. */
export class ScriptBuilder {
  readonly #body: string
  readonly #lines: LineCounter
  readonly #chunks: Uint32Array[] = []
  readonly #kinds: StatementKind[] = []
  readonly #kindIndexes = new Map<StatementKind, number>()
  #lastKind: StatementKind | undefined
  #lastKindIndex = 0
  #length = 0

  constructor(body: string, offset: number) {
    this.#body = body
    this.#lines = new LineCounter(body, offset)
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

  finish(fault?: Fault): Script {
    const statements = compactList(this.#body, this.#chunks, this.#kinds, this.#length)
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
    // The first chunk grows from a small one, since most bodies have a handful of statements.
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

function compactList(
  body: string,
  chunks: readonly Uint32Array[],
  kinds: readonly StatementKind[],
  length: number,
): StatementList {
  const get = (index: number): Statement | undefined => {
    const chunk = chunks[Math.floor(index / CHUNK)]
    const field = (index % CHUNK) * FIELDS
    const kind = kinds[chunk?.[field + 4] ?? -1]
    if (chunk === undefined || kind === undefined) return undefined
    const start = chunk[field] ?? 0
    const end = chunk[field + 1] ?? 0
    const place = {
      text: body.slice(start, end),
      start,
      end,
      line: chunk[field + 2] ?? 0,
      column: chunk[field + 3] ?? 0,
    }
    return { ...place, ...kind }
  }
  return {
    length,
    at(index) {
      const place = index < 0 ? length + index : index
      return place >= 0 && place < length ? get(place) : undefined
    },
    *[Symbol.iterator]() {
      for (let index = 0; index < length; index++) {
        const statement = get(index)
        if (statement !== undefined) yield statement
      }
    },
  }
}
