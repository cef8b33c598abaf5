/** What a statement can make or remove that a catalog has a name for. */
export type ObjectKind =
  | 'table'
  | 'column'
  | 'index'
  | 'constraint'
  | 'view'
  | 'materialized view'
  | 'sequence'
  | 'type'
  | 'function'
  | 'procedure'
  | 'trigger'
  | 'event'
  | 'schema'
  | 'extension'

/** Something that a statement makes or removes. A rename removes the old name and makes the new one. */
export interface StatementObject {
  readonly action: 'create' | 'drop'
  readonly kind: ObjectKind
  /** Of the object, or of the table it belongs to, where the statement names one. */
  readonly schema?: string
  /** As the database would store it: without quotes, and folded where the database folds. */
  readonly name: string
  /** The table that a column, index, constraint or trigger belongs to, where the statement names it. */
  readonly table?: string
  /** The statement also succeeds where the object is there already, or gone already. */
  readonly conditional: boolean
  /** The statement takes along whatever depends on the object. */
  readonly cascade: boolean
}
