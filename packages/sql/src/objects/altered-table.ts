import type { NameReader, QualifiedName } from './name-reader.ts'
import type { ObjectKind, StatementObject } from './statement-object.ts'

/** What the actions of an `ALTER TABLE` make and remove; the cursor stands after the table's name. */
export const alteredTable = (
  reader: NameReader,
  table: QualifiedName,
  conditional: boolean,
): readonly StatementObject[] => {
  reader.take('*')
  const actions = new TableActions(reader, table, conditional)
  do actions.read()
  while (reader.nextInList())
  return actions.objects
}

/** After ADD or DROP these words begin something that has no name, or one that no catalog is asked for. */
const nameless = new Set('PRIMARY FOREIGN CHECK PARTITION PERIOD SYSTEM EXCLUDE LIKE'.split(' '))

class TableActions {
  readonly objects: StatementObject[] = []
  readonly #reader: NameReader
  readonly #table: QualifiedName
  readonly #conditional: boolean

  constructor(reader: NameReader, table: QualifiedName, conditional: boolean) {
    this.#reader = reader
    this.#table = table
    this.#conditional = conditional
  }

  read(): void {
    const reader = this.#reader
    if (reader.take('ADD')) this.#add()
    else if (reader.take('DROP')) this.#drop()
    else if (reader.take('RENAME')) this.#rename()
    else if (reader.take('CHANGE')) this.#change()
    else if (reader.take('SET', 'SCHEMA')) this.#moveTable()
  }

  #add(): void {
    const reader = this.#reader
    if (reader.take('CONSTRAINT')) {
      // MySQL: the name may be missing.
      if (nameless.has(reader.word) || reader.word === 'UNIQUE') return
      this.#named('constraint')
      this.#usedIndex()
      return
    }
    const unique = reader.take('UNIQUE')
    const special = unique || reader.take('FULLTEXT') || reader.take('SPATIAL')
    if (reader.take('INDEX') || reader.take('KEY') || special) return this.#named('index')
    if (nameless.has(reader.word)) return
    reader.take('COLUMN')
    if (reader.take('(')) return this.#columns()
    this.#named('column')
  }

  /** `ADD CONSTRAINT a UNIQUE USING INDEX b` gives the index the constraint's name. */
  #usedIndex(): void {
    const reader = this.#reader
    const name = this.objects.at(-1)?.name
    if (!reader.take('UNIQUE') && !reader.take('PRIMARY', 'KEY')) return
    if (name === undefined || !reader.take('USING', 'INDEX')) return
    const index = reader.name()
    if (index !== undefined) this.#move('index', index, name, false)
  }

  /** MySQL: `ADD (a int, b int)`. */
  #columns(): void {
    const reader = this.#reader
    do {
      this.#named('column')
      while (!reader.done && reader.word !== ',' && reader.word !== ')') {
        if (!reader.parenthesised()) reader.skip()
      }
    } while (reader.take(','))
  }

  #named(kind: ObjectKind): void {
    const conditional = this.#reader.take('IF', 'NOT', 'EXISTS')
    // An index without a name, or a constraint.
    if (this.#reader.word === '(' || this.#reader.word === 'USING') return
    const name = this.#reader.name()
    if (name !== undefined) this.#push('create', kind, name, conditional)
  }

  #drop(): void {
    const reader = this.#reader
    if (reader.take('PRIMARY', 'KEY') || reader.word === 'PARTITION') return
    const kind = this.#droppedKind()
    const conditional = reader.take('IF', 'EXISTS')
    const name = reader.name()
    if (name === undefined) return
    this.#push('drop', kind, name, conditional, reader.word === 'CASCADE')
  }

  #droppedKind(): ObjectKind {
    const reader = this.#reader
    if (reader.take('FOREIGN', 'KEY') || reader.take('CONSTRAINT') || reader.take('CHECK')) {
      return 'constraint'
    }
    if (reader.take('INDEX') || reader.take('KEY')) return 'index'
    reader.take('COLUMN')
    return 'column'
  }

  #rename(): void {
    const reader = this.#reader
    if (reader.take('TO') || reader.take('AS')) return this.#renameTable()
    if (reader.take('INDEX') || reader.take('KEY')) return this.#renamePart('index')
    if (reader.take('CONSTRAINT')) return this.#renamePart('constraint')
    if (reader.take('COLUMN') || reader.peek(1) === 'TO') return this.#renamePart('column')
    this.#renameTable()
  }

  #renamePart(kind: ObjectKind): void {
    const conditional = this.#reader.take('IF', 'EXISTS')
    const old = this.#reader.name()
    if (old === undefined || !this.#reader.take('TO')) return
    this.#move(kind, old, this.#reader.name(), conditional)
  }

  /** MySQL: `CHANGE [COLUMN] old new definition`. */
  #change(): void {
    this.#reader.take('COLUMN')
    const conditional = this.#reader.take('IF', 'EXISTS')
    const old = this.#reader.name()
    if (old !== undefined) this.#move('column', old, this.#reader.name(), conditional)
  }

  #move(kind: ObjectKind, old: string, name: string | undefined, conditional: boolean): void {
    if (name === undefined || name.toLowerCase() === old.toLowerCase()) return
    this.#push('drop', kind, old, conditional)
    this.#push('create', kind, name, conditional)
  }

  #renameTable(): void {
    const to = this.#reader.qualified()
    if (to === undefined) return
    const base = { kind: 'table', conditional: this.#conditional, cascade: false } as const
    const schema = to.schema ?? this.#table.schema
    this.objects.push(
      { ...base, ...this.#table, action: 'drop' },
      { ...base, name: to.name, ...(schema === undefined ? {} : { schema }), action: 'create' },
    )
  }

  /** PostgreSQL: `SET SCHEMA other`. */
  #moveTable(): void {
    const schema = this.#reader.name()
    if (schema === undefined) return
    const base = { kind: 'table', conditional: this.#conditional, cascade: false } as const
    this.objects.push(
      { ...base, ...this.#table, action: 'drop' },
      { ...base, name: this.#table.name, schema, action: 'create' },
    )
  }

  #push(
    action: StatementObject['action'],
    kind: ObjectKind,
    name: string,
    conditional: boolean,
    cascade = false,
  ): void {
    const { schema, name: table } = this.#table
    this.objects.push({
      action,
      kind,
      ...(schema === undefined ? {} : { schema }),
      name,
      table,
      conditional: conditional || this.#conditional,
      cascade,
    })
  }
}
