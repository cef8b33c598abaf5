import { createHash } from 'node:crypto'
import {
  ledgerFormat,
  movingKinds,
  versionFromRow,
  type LedgerEntry,
  type LedgerEvent,
  type LedgerEventKind,
  type LedgerQuery,
  type LinearLedger,
  type VersionState,
} from '@mig/core/driver'
import { databaseError, isDenied } from '../steps/errors.ts'
import { kindProblem, type OwnTable, type TableProblem } from './own-tables.ts'
import type { MysqlSession, Row } from '../session/session.ts'
import { literal, qualified, text } from './quote.ts'

const longestName = 64
const suffix = '_history'

/** Name of the ledger of a version table. A name too long for MySQL is cut and told apart by a hash. */
export const ledgerName = (migrationsTable: string): string => {
  const name = migrationsTable + suffix
  if (name.length <= longestName) return name
  const hash = createHash('sha256').update(migrationsTable).digest('hex').slice(0, 8)
  return `${migrationsTable.slice(0, longestName - suffix.length - hash.length - 1)}_${hash}${suffix}`
}

type Column = readonly [name: string, type: string]

const columns = [
  ['id', 'bigint unsigned NOT NULL AUTO_INCREMENT PRIMARY KEY'],
  ['format', 'smallint NOT NULL'],
  ['at', 'datetime(6) NOT NULL'],
  ['kind', 'varchar(16) NOT NULL'],
  ['run_id', 'varchar(64) NOT NULL'],
  ['version', 'bigint'],
  ['direction', 'varchar(4)'],
  ['title', 'text NOT NULL'],
  ['from_version', 'bigint'],
  ['to_version', 'bigint'],
  ['dirty', 'boolean NOT NULL'],
  ['statement', 'int'],
  ['statements', 'int'],
  ['duration_ms', 'bigint'],
  ['checksum', 'char(64)'],
  ['actor', 'varchar(255) NOT NULL'],
  ['tool', 'varchar(255) NOT NULL'],
  ['line', 'int'],
  ['column_number', 'int'],
  ['error_code', 'varchar(64)'],
  ['message', 'text'],
  ['details', 'longtext'],
] as const satisfies readonly Column[]

/** The columns that a table must have to be taken for a ledger. */
const ledgerColumnNames: readonly string[] = columns.map(([name]) => name)

type ColumnName = (typeof columns)[number][0]

/** Those that a brief query reads. */
const summaryNames: ReadonlySet<string> = new Set<ColumnName>([
  'id',
  'kind',
  'version',
  'from_version',
  'to_version',
  'dirty',
  'details',
])

const namesOf = ({ summary }: LedgerQuery): readonly string[] =>
  ledgerColumnNames.filter((name) => summary !== true || summaryNames.has(name))

const written = columns.slice(1).map(([name]) => `\`${name}\``)

/** As long as core lets a reason be, which is kept whole; a text column has room for it. */
const longestMessage = 10_000
const longestShort = 255

/** What `prepare` learns of the ledger. */
export type LedgerFinding =
  | { readonly ledger: 'on'; readonly recorded?: VersionState }
  | { readonly ledger: 'unavailable'; readonly reason: string }

/** Why a table is not a ledger that may be written. */
export const ledgerProblem = (table: OwnTable, trusted: boolean): TableProblem | undefined => {
  const kind = kindProblem(table, trusted)
  if (kind !== undefined) return kind
  const missing = ledgerColumnNames.filter((name) => !table.columns.has(name))
  if (missing.length === 0) return undefined
  const shown = qualified(table.database, table.name)
  return {
    reason: `the table ${shown} is not a ledger: it has no column "${missing.join('", "')}"`,
  }
}

/** The append-only table beside the version row. */
export class MysqlLedger {
  readonly name: string
  /** `database.table`, in backticks. */
  readonly qualified: string

  constructor(database: string, migrationsTable: string) {
    this.name = ledgerName(migrationsTable)
    this.qualified = qualified(database, this.name)
  }

  /**
   * Makes the table where it is missing, checks that what is there is a plain table with the ledger's columns, and reads
   * its newest event. With `trusted` it may have triggers.
   */
  async prepare(
    session: MysqlSession,
    found: OwnTable | undefined,
    trusted: boolean,
  ): Promise<LedgerFinding> {
    try {
      if (found === undefined) {
        await session.query(
          `CREATE TABLE IF NOT EXISTS ${this.qualified} (` +
            columns.map(([name, type]) => `\`${name}\` ${type}`).join(', ') +
            ') ENGINE=InnoDB CHARACTER SET utf8mb4 COLLATE utf8mb4_bin',
        )
      } else {
        const problem = ledgerProblem(found, trusted)
        if (problem !== undefined) return { ledger: 'unavailable', reason: problem.reason }
      }
      return await this.#newest(session)
    } catch (error) {
      if (isDenied(error)) {
        const reason = `the right to make, read or write ${this.qualified} is missing`
        return { ledger: 'unavailable', reason }
      }
      throw databaseError(`Preparing the ledger ${this.qualified}`, error)
    }
  }

  async #newest(session: MysqlSession): Promise<LedgerFinding> {
    // Inserts nothing, and fails where nothing may be inserted: the first step would, with its script.
    const names = written.join(', ')
    const [result] = await session.query(
      `SELECT format, to_version, dirty FROM ${this.qualified} ORDER BY id DESC LIMIT 1`,
      `INSERT INTO ${this.qualified} (${names}) SELECT ${names} FROM ${this.qualified} WHERE 1 = 0`,
    )
    const [format, to = null, dirty] = result?.rows[0] ?? []
    if (format === undefined) return { ledger: 'on' }
    if (Number(format) > ledgerFormat) {
      const reason = `${this.qualified} was written by a newer release (format ${format})`
      return { ledger: 'unavailable', reason }
    }
    return { ledger: 'on', recorded: recordedState(to, dirty) }
  }

  /** The statement that appends events. `guard` is an expression that gives the ledger's format, or fails. */
  insert(entries: readonly LedgerEntry[], guard: string = literal(ledgerFormat)): string {
    const rows = entries.map((entry, index) => [
      index === 0 ? guard : literal(ledgerFormat),
      ...valuesOf(entry),
    ])
    // Most entries are of steps that went well, and leave the columns of errors empty.
    const isUsed = (_: unknown, column: number): boolean =>
      rows.some((row) => row[column] !== literal(null))
    const names = written.filter(isUsed).join(', ')
    const values = rows.map((row) => `(${row.filter(isUsed).join(', ')})`).join(', ')
    return `INSERT INTO ${this.qualified} (${names}) VALUES ${values}`
  }

  /** The statement that reads version row and ledger at one moment; the first two columns are the version row's. */
  select(versionTable: string | undefined, query: LedgerQuery): string {
    const { version, limit } = query
    const names = namesOf(query).map((name) =>
      name === 'at' ? "DATE_FORMAT(h.`at`, '%Y-%m-%dT%H:%i:%s.%fZ')" : `h.\`${name}\``,
    )
    const condition = version === undefined ? '' : ` WHERE version = ${version}`
    const newest = `SELECT * FROM ${this.qualified}${condition} ORDER BY id DESC${
      limit === undefined ? '' : ` LIMIT ${limit}`
    }`
    return `${besideVersion(versionTable, names)} LEFT JOIN (${newest}) h ON 1 = 1 ORDER BY h.id`
  }

  /**
   * The statement that reads version row and ledger in one row, for {@link linearOf}. How long the text is to be is read
   * with it: the server cuts it at max_allowed_packet.
   */
  selectLinear(versionTable: string | undefined): string {
    const applied = (value: string): string => `CASE kind WHEN 'applied' THEN ${value} END`
    const kinds = movingKinds.map((kind) => text(kind)).join(', ')
    return (
      besideVersion(versionTable, [
        'n.to_version',
        'n.dirty',
        'l.moves',
        'l.characters',
        'l.versions',
      ]) +
      ` LEFT JOIN (SELECT to_version, dirty FROM ${this.qualified} ORDER BY id DESC LIMIT 1) n ON 1 = 1` +
      ` LEFT JOIN (SELECT SUM(kind IN (${kinds})) AS moves,` +
      ` SUM(${applied('CHAR_LENGTH(version) + 1')}) - 1 AS characters,` +
      ` GROUP_CONCAT(${applied('version')} ORDER BY id SEPARATOR '\n') AS versions` +
      ` FROM ${this.qualified}) l ON 1 = 1`
    )
  }

  /** The ledger in short from the row of {@link selectLinear}, where it is straight. */
  linearOf(row: Row | undefined): LinearLedger | undefined {
    const [, , to = null, dirty, moves, characters, versions] = row ?? []
    if (moves !== '0' || Number(characters ?? 0) !== (versions ?? '').length) return undefined
    return { versions: versions ?? '', recorded: recordedState(to, dirty) }
  }

  /** Reads the rows of {@link select}. What was not read is blank. */
  eventsOf(rows: readonly Row[], query: LedgerQuery): readonly LedgerEvent[] {
    const places = new Map(namesOf(query).map((name, index) => [name, index + 2]))
    return rows
      .filter((row) => row[2] !== null)
      .map((row) => eventOf((name) => row[places.get(name) ?? row.length] ?? null))
  }
}

/** The version row after the newest event. */
const recordedState = (to: string | null, dirty: string | null | undefined): VersionState => ({
  version: to === null ? null : versionFromRow(to),
  dirty: dirty === '1',
})

/** The beginning of a query whose rows have the version row's two columns before others. */
const besideVersion = (versionTable: string | undefined, names: readonly string[]): string => {
  const row =
    versionTable === undefined
      ? 'SELECT NULL AS version, NULL AS dirty'
      : `SELECT version, dirty FROM ${versionTable} ORDER BY version LIMIT 1`
  return (
    `SELECT m.version, m.dirty, ${names.join(', ')} FROM (SELECT 1 AS one) o ` +
    `LEFT JOIN (${row}) m ON 1 = 1`
  )
}

/** What stands after the format. */
const valuesOf = (entry: LedgerEntry): readonly string[] => {
  const { message, durationMs } = entry
  const values = [
    undefined,
    entry.kind,
    entry.runId.slice(0, 64),
    entry.version,
    entry.direction,
    entry.title,
    entry.from,
    entry.to,
    entry.dirty,
    entry.statement,
    entry.statements,
    durationMs === null ? null : Math.round(durationMs),
    entry.checksum,
    entry.actor.slice(0, longestShort),
    entry.tool.slice(0, longestShort),
    entry.line,
    entry.column,
    entry.errorCode?.slice(0, 64) ?? null,
    message === null ? null : message.slice(0, longestMessage),
    entry.details,
  ]
  return values.map((value) => (value === undefined ? 'UTC_TIMESTAMP(6)' : literal(value)))
}

const integer = (value: string | null): number | null => (value === null ? null : Number(value))

const eventOf = (value: (name: ColumnName) => string | null): LedgerEvent => {
  const version = (name: 'version' | 'from_version' | 'to_version'): bigint | null => {
    const stored = value(name)
    return stored === null ? null : BigInt(stored)
  }
  const direction = value('direction')
  return {
    id: BigInt(value('id') ?? 0),
    format: Number(value('format') ?? ledgerFormat),
    at: new Date(value('at') ?? 0),
    kind: value('kind') as LedgerEventKind,
    runId: value('run_id') ?? '',
    version: version('version'),
    direction: direction === 'up' || direction === 'down' ? direction : null,
    title: value('title') ?? '',
    from: version('from_version'),
    to: version('to_version'),
    dirty: value('dirty') === '1',
    statement: integer(value('statement')),
    statements: integer(value('statements')),
    durationMs: integer(value('duration_ms')),
    checksum: value('checksum'),
    actor: value('actor') ?? '',
    tool: value('tool') ?? '',
    line: integer(value('line')),
    column: integer(value('column_number')),
    errorCode: value('error_code'),
    message: value('message'),
    details: value('details'),
  }
}
