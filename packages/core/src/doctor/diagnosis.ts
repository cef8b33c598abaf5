import type { InspectedStatement } from '../driver/inspection.ts'
import type { PreparedStep } from '../driver/driver.ts'
import type { Direction, Version } from '../plan/migration.ts'
import type { Contradiction } from './catalog-model.ts'

/** A statement of the file, for people. */
export interface DiagnosedStatement {
  /** Counted from 1. */
  readonly number: number
  readonly line: number
  readonly column: number
  readonly text: string
}

/** What the server said when it refused a statement. */
export interface DiagnosedFailure {
  readonly at: Date
  /** The server refused the statement: it is not in effect, but for what `partly` says. */
  readonly refused: boolean
  /** Why a part of it may be in effect all the same. */
  readonly partly: string | null
  readonly statement: DiagnosedStatement | null
  readonly code: string | null
  readonly message: string | null
}

/** An object that a statement makes or removes, as the catalog shows it. */
export interface DiagnosedObject {
  /** Of the statement, counted from 1. */
  readonly statement: number
  readonly label: string
  readonly action: 'create' | 'drop'
  readonly shown: boolean
}

/** What is known of the step that left a database dirty. */
export interface Diagnosis {
  readonly version: Version
  readonly direction: Direction
  readonly title: string
  readonly file: string | null
  /** The version row before the step, and where it was to go. */
  readonly from: Version | null
  readonly to: Version | null
  /** `mig` where the ledger has the step. `other` where somebody ran it who keeps no ledger, such as golang-migrate. */
  readonly by: 'mig' | 'other'
  /** What is known of the direction: another tool says only where it was going. */
  readonly sure: boolean
  /** How its statements became permanent. */
  readonly how: 'one-transaction' | 'each-transaction' | 'each-statement'
  /** Why a step of mig was not transactional. */
  readonly reason: string | null
  readonly statements: number
  /** Statements 1 to this one are in effect by the record. `null` where there is none. */
  readonly recorded: number | null
  readonly failure: DiagnosedFailure | null
  /** Where the step can have broken off, as far as record and file tell: so many statements are in effect. */
  readonly possible: readonly number[]
  /** Those of them that the catalog does not contradict. One: it is known. None: somebody has changed something since. */
  readonly standing: readonly number[]
  /**
   * Those of `standing` that need no object to have been there before the step. For a step of mig all of them: had a
   * statement found one, its failure would be on record.
   */
  readonly likely: readonly number[]
  /** The catalog was asked: the file is the one that ran, and its statements leave something to look for. */
  readonly asked: boolean
  /** The file is not the one that ran. */
  readonly changed: boolean
  /** Statements 1 to `recorded` stand in the file as they ran. */
  readonly unchangedSoFar: boolean
  /** What the catalog shows of the statements that are not certain. */
  readonly objects: readonly DiagnosedObject[]
  /** What is there and of no use, and in the way of the statements that make it. */
  readonly unusable: readonly string[]
  /** What contradicts every possible point, by the nearest of them. */
  readonly contradictions: readonly Contradiction[]
}

/** A diagnosis with what a repair needs besides. */
export interface DiagnosedStep {
  readonly diagnosis: Diagnosis
  readonly step: PreparedStep
  readonly inspected: readonly InspectedStatement[]
}
