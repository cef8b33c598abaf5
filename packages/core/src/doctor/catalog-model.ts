import type { InspectedObject, InspectedStatement } from '../driver/inspection.ts'

type Presence = 'there' | 'gone' | 'unknown'

/** Something that the catalog shows otherwise than it should. */
export interface Contradiction {
  readonly label: string
  /** The statement that made it so, or the next one that needs it otherwise, counted from 1. */
  readonly statement: number
  /** What the catalog shows. */
  readonly shown: boolean
}

interface Drop {
  readonly statement: number
  readonly key: string
}

interface Subject {
  readonly key: string
  readonly label: string
  readonly kind: string
  readonly shown: boolean | undefined
  owner: string | undefined
  readonly touches: readonly { readonly statement: number; readonly object: InspectedObject }[]
}

/** What may go or change its name together with something else of its table. */
const dependents = new Set(['index', 'constraint', 'trigger', 'sequence'])

/** What keeps its name when its table gets another one, where names are not the table's. */
const namedApart = new Set(['index', 'trigger'])

/** How a catalog is held against statements. */
export interface CatalogModelOptions {
  /**
   * The statements are those of many files, so that much lies between them: what may have gone along with something
   * else is not taken to be there still.
   */
  readonly longHistory?: boolean
}

/**
 * What the catalog would show if exactly so many statements of a script were in effect, held against what it shows.
 *
 * An object that a statement makes was not there before, or the statement would have failed, and the other way round;
 * with `IF NOT EXISTS` and its like nobody knows. What is not known contradicts nothing. Pure.
 */
export class CatalogModel {
  readonly #subjects = new Map<string, Subject>()
  readonly #cascades: readonly number[]
  readonly #unreadable: readonly number[]
  readonly #longHistory: boolean
  /** Kinds of what a statement makes, as `statement kind`. */
  readonly #made = new Set<string>()
  /** What was removed of a table, by its key. */
  readonly #dropsOf = new Map<string, Drop[]>()
  readonly #tableDrops: Drop[] = []

  constructor(statements: readonly InspectedStatement[], options: CatalogModelOptions = {}) {
    this.#longHistory = options.longHistory ?? false
    for (const [index, { objects }] of statements.entries()) {
      for (const object of objects) this.#add(index + 1, object)
    }
    this.#cascades = statements.flatMap(({ objects }, index) =>
      objects.some(({ action, cascade }) => action === 'drop' && cascade) ? [index + 1] : [],
    )
    this.#unreadable = statements.flatMap(({ unreadable }, index) =>
      unreadable === true ? [index + 1] : [],
    )
  }

  /**
   * Objects that contradict the assumption that statements 1 to `done` are in effect and no others.
   *
   * What statements further on need counts up to `reached` only: a statement that was never reached, or that failed, may
   * well have found what it did not expect (a table that was there already).
   */
  contradictions(done: number, reached: number): readonly Contradiction[] {
    const found: Contradiction[] = []
    for (const subject of this.#subjects.values()) {
      const { label, shown } = subject
      if (shown === undefined) continue
      const first = subject.touches.find(({ statement }) => statement > done)?.statement
      const last = subject.touches.findLast(({ statement }) => statement <= done)?.statement
      const statement = last ?? first
      if (statement === undefined || (last === undefined && statement > reached)) continue
      const expected = this.#presence(subject, done)
      if (expected !== 'unknown' && (expected === 'there') !== shown) {
        found.push({ label, statement, shown })
      }
    }
    return found
  }

  #add(statement: number, object: InspectedObject): void {
    const { action, kind, key, owner } = object
    if (action === 'create') this.#made.add(`${statement} ${kind}`)
    else {
      if (kind === 'table' || kind === 'column') this.#tableDrops.push({ statement, key })
      if (owner !== undefined) {
        const drops = this.#dropsOf.get(owner)
        if (drops === undefined) this.#dropsOf.set(owner, [{ statement, key }])
        else drops.push({ statement, key })
      }
    }
    const known = this.#subjects.get(object.key)
    this.#subjects.set(object.key, {
      key,
      label: object.label,
      kind: object.kind,
      shown: object.shown,
      owner: known?.owner ?? object.owner,
      touches: [...(known?.touches ?? []), { statement, object }],
    })
  }

  #presence(subject: Subject, done: number): Presence {
    const { touches } = subject
    const first = touches[0]
    if (first === undefined) return 'unknown'
    const last = touches.findLast(({ statement }) => statement <= done)
    const since = last?.statement ?? 0
    if (this.#isBlurred(subject, since, done)) return 'unknown'
    const owned = this.#ownersFate(subject, since, done)
    if (owned !== undefined) return owned
    if (this.#cascades.some((statement) => statement > since && statement <= done)) return 'unknown'
    if (last !== undefined) return last.object.action === 'create' ? 'there' : 'gone'
    if (first.object.conditional) return 'unknown'
    return first.object.action === 'create' ? 'gone' : 'there'
  }

  /** Whether something may have happened to it that no statement says of it. */
  #isBlurred(subject: Subject, since: number, done: number): boolean {
    const first = subject.touches[0]?.statement ?? 0
    // What was never touched is judged by its first statement, so what lies before that one counts as well.
    const until = since === 0 ? Math.max(first - 1, done) : done
    if (this.#unreadable.some((statement) => statement > since && statement <= until)) return true
    if (!this.#longHistory || !dependents.has(subject.kind)) return false
    // A sequence may belong to any column.
    const drops =
      subject.kind === 'sequence' ? this.#tableDrops : this.#dropsOf.get(subject.owner ?? '')
    return (drops ?? []).some(
      ({ statement, key }) => key !== subject.key && statement > since && statement <= until,
    )
  }

  /** What became of something with the table it belongs to, after its own last statement. */
  #ownersFate(subject: Subject, since: number, done: number): Presence | undefined {
    const owner = subject.owner === undefined ? undefined : this.#subjects.get(subject.owner)
    if (owner === undefined || owner === subject) return undefined
    const touch = owner.touches.findLast(({ statement }) => statement > since && statement <= done)
    if (touch?.object.action === 'drop') {
      const renamed =
        namedApart.has(subject.kind) && this.#made.has(`${touch.statement} ${owner.kind}`)
      return renamed ? 'unknown' : 'gone'
    }
    if (touch !== undefined) return this.#beforeNext(subject, owner, done)
    if (since > 0) return undefined
    // Not touched yet, and its table neither: was the table there at all?
    const next = owner.touches.find(({ statement }) => statement > done)
    const own = subject.touches[0]
    if (next === undefined || own === undefined || next.statement > own.statement) return undefined
    if (next.object.action === 'drop') return 'unknown'
    const making = own.object.action === 'create' && !own.object.conditional
    return making || !next.object.conditional ? 'gone' : 'unknown'
  }

  /** What came with a new table is what the next statement about it needs. */
  #beforeNext(subject: Subject, owner: Subject, done: number): Presence {
    const own = subject.touches.find(({ statement }) => statement > done)
    if (own === undefined || own.object.conditional) return 'unknown'
    const between = owner.touches.some(
      ({ statement }) => statement > done && statement <= own.statement,
    )
    if (between) return 'unknown'
    return own.object.action === 'create' ? 'gone' : 'there'
  }
}
