import type { StatementList } from '../script/statement.ts'
import type { VersionState } from '../plan/version-state.ts'

/** What {@link Driver.inspect} is asked. */
export interface InspectionRequest {
  /** Scripts whose objects are to be looked up in the catalog. */
  readonly scripts: readonly StatementList[]
}

/** Something that a statement makes or removes. A rename removes the old name and makes the new one. */
export interface InspectedObject {
  readonly action: 'create' | 'drop'
  /** What it is and what it is called, for people: `table users`, `column email of users`. */
  readonly label: string
  /** `table`, `column`, `index` and so on. */
  readonly kind: string
  /** The same for all statements that are about the same object. */
  readonly key: string
  /** Key of the table that a column, index, constraint or trigger belongs to, where it is known. */
  readonly owner?: string
  /** The statement also succeeds where the object is there already, or gone already (`IF NOT EXISTS`, `OR REPLACE`). */
  readonly conditional: boolean
  /** The statement takes along whatever depends on the object. */
  readonly cascade: boolean
  /** Whether the catalog shows it now, fit for use. Absent where it cannot be asked. */
  readonly shown?: boolean
  /** It is there and of no use (an INVALID index), so that making it fails until it is removed. */
  readonly unusable?: boolean
}

/** What a statement leaves to look for. */
export interface InspectedStatement {
  /** Empty where it leaves nothing, or nothing that is understood. */
  readonly objects: readonly InspectedObject[]
  /** Its `statement` event in the ledger is not written right after it. */
  readonly recordedLater?: boolean
  /** Why a part of it may be in effect although the server refused it, such as `CALL runs several statements`. */
  readonly partly?: string
  /** It may remove or rename what nobody can read from it, such as the call of a procedure. */
  readonly unreadable?: boolean
  /** What it leaves in its session only, such as `a temporary table`: it is gone, and a later statement may need it. */
  readonly inSession?: string
}

/** Something about the database that a person should know. */
export type Observation =
  /** Somebody holds the lock at this moment. */
  | { readonly kind: 'lock-held'; readonly holder: string }
  /** A row in a lock table, which may be left of a process that is gone. */
  | { readonly kind: 'lock-row'; readonly table: string }
  /** The lock does not reach all nodes of a cluster. */
  | { readonly kind: 'lock-per-node'; readonly cluster: string }
  /** An index that a build left unusable. `name` is quoted and qualified; `command` removes it. */
  | {
      readonly kind: 'invalid-index'
      readonly name: string
      readonly table: string
      readonly command: string
    }
  /** Another table in this database looks like a version table. */
  | { readonly kind: 'other-version-table'; readonly table: string; readonly state: VersionState }
  /** `what` cannot be done for want of a right; `command` grants it. */
  | {
      readonly kind: 'missing-right'
      readonly what: string
      readonly consequence: string
      readonly command: string
    }
  /** A setting of the server under which a commit may be lost. */
  | {
      readonly kind: 'weak-durability'
      readonly setting: string
      readonly value: string
      readonly consequence: string
    }
  /** Nothing can be written: a standby, or a file without the right to write. */
  | { readonly kind: 'read-only'; readonly reason: string }
  /** The version table has more rows than its one. `command` removes those that do not count. */
  | { readonly kind: 'extra-rows'; readonly rows: number; readonly command?: string }
  /**
   * The version table or the ledger is not a plain table as mig makes it: a view, a table with triggers, a table with
   * other columns. `reason` is a sentence part that names the table, `command` repairs it where one statement can, and
   * `advice` is a sentence that says more.
   */
  | {
      readonly kind: 'untrusted-table'
      readonly reason: string
      readonly command?: string
      readonly advice?: string
    }
  /** The user has far more rights than migrations need. `what` names them. */
  | { readonly kind: 'excess-rights'; readonly what: string; readonly advice: string }
  /** The ledger is there and not used, because it is of a newer format or no ledger at all. */
  | { readonly kind: 'ledger-unusable'; readonly reason: string }

/** What a look at the database found. */
export interface Inspection {
  /** One per script that was asked about, with one entry per statement. */
  readonly scripts: readonly (readonly InspectedStatement[])[]
  readonly observations: readonly Observation[]
  /** golang-migrate runs a script without transaction control as one transaction here. */
  readonly wholeScripts: boolean
  /** The server's clock at that moment. Absent where database and process have the same one. */
  readonly serverTime?: Date
}
