import type {
  Inspection,
  InspectionRequest,
  InspectedObject,
  InspectedStatement,
  Observation,
  StatementList,
} from '@mig/core/driver'
import { sqliteObjects, type StatementObject } from '@mig/sql'
import type { SqliteConnection } from '../session/session.ts'
import { unwritable } from '../connect/file.ts'
import { lastWriteAsked } from '../steps/non-transactional-step.ts'
import { inspectLedger } from '../tables/ledger.ts'
import { probeLock } from '../lock/lock.ts'
import { kindProblem, rowProblem, versionTableProblem } from '../tables/own-tables.ts'
import { readPragma } from '../session/pragma-snapshot.ts'
import { columnsOf, hasTable } from '../tables/version-table.ts'

/** Looks at what explains the state of the database, and changes nothing. */
export const inspect = (
  connection: SqliteConnection,
  { scripts }: InspectionRequest,
  { wholeScripts, trusted }: { readonly wholeScripts: boolean; readonly trusted: boolean },
): Inspection => ({
  scripts: scripts.map((statements) => inspectScript(connection, statements)),
  observations: [
    ...lockHolder(connection),
    ...readOnly(connection),
    ...versionTable(connection, trusted),
    ...ledger(connection, trusted),
    ...durability(connection),
  ],
  wholeScripts,
})

const inspectScript = (
  connection: SqliteConnection,
  statements: StatementList,
): readonly InspectedStatement[] => {
  const quietUntil = lastWriteAsked(statements)
  return Array.from(statements, ({ text, command }, index) => {
    const inSession = sessionOf(text, command)
    return {
      objects: sqliteObjects(text).map((object) => inspected(connection, object)),
      ...(index < quietUntil ? { recordedLater: true } : {}),
      ...(inSession === undefined ? {} : { inSession }),
    }
  })
}

const sessionOf = (text: string, command: string): string | undefined => {
  if (command === 'ATTACH') return 'an attached database'
  return /^CREATE\s+TEMP(?:ORARY)?\b/i.test(text) ? 'a temporary object' : undefined
}

const keyOf = ({ kind, schema, name, table }: StatementObject): string =>
  JSON.stringify([kind, schema ?? 'main', kind === 'column' ? table : null, name]).toLowerCase()

const inspected = (connection: SqliteConnection, object: StatementObject): InspectedObject => {
  const { action, kind, schema, name, table, conditional, cascade } = object
  const owner = { ...object, kind: 'table', name: table ?? '' } as const
  const shown = isShown(connection, object)
  return {
    action,
    label: kind === 'column' ? `column ${name} of ${table ?? ''}` : `${kind} ${name}`,
    kind,
    key: keyOf(object),
    conditional,
    cascade,
    ...(table === undefined ? {} : { owner: keyOf(owner) }),
    // What is in an attached database cannot be asked for: it is not attached here.
    ...(shown === undefined || (schema ?? 'main').toLowerCase() !== 'main' ? {} : { shown }),
  }
}

const isShown = (
  connection: SqliteConnection,
  { kind, name, table }: StatementObject,
): boolean | undefined => {
  switch (kind) {
    case 'table':
    case 'index':
    case 'view':
    case 'trigger':
      return (
        connection
          .statement('SELECT 1 FROM main.sqlite_schema WHERE type = ? AND lower(name) = lower(?)')
          .get(kind, name) !== undefined
      )
    case 'column':
      return (
        connection
          .statement(`SELECT 1 FROM pragma_table_xinfo(?, 'main') WHERE lower(name) = lower(?)`)
          .get(table, name) !== undefined
      )
    default:
      return undefined
  }
}

const lockHolder = (connection: SqliteConnection): Observation[] => {
  if (connection.client.inTransaction || probeLock(connection)) return []
  return [{ kind: 'lock-held', holder: 'another connection' }]
}

const readOnly = ({ client }: SqliteConnection): Observation[] => {
  if (readPragma(client, 'query_only') === '1') {
    return [{ kind: 'read-only', reason: 'query_only is on' }]
  }
  if (client.readonly === true) {
    return [{ kind: 'read-only', reason: 'it is opened for reading' }]
  }
  const reason = unwritable(client.name)
  return reason === undefined ? [] : [{ kind: 'read-only', reason }]
}

const versionTable = (connection: SqliteConnection, trusted: boolean): Observation[] => {
  const { versionTableName, versionTable } = connection
  if (!hasTable(connection, versionTableName)) return []
  const problem = versionTableProblem(connection, trusted)
  if (problem !== undefined) return [{ kind: 'untrusted-table', ...problem }]
  const [rows, versions, marks] =
    columnsOf(
      connection
        .statement(
          `SELECT count(*), sum(typeof(version) <> 'integer'), sum(dirty IS NULL) FROM ${versionTable}`,
        )
        .get(),
    ) ?? []
  const observations: Observation[] = []
  if (Number(versions) > 0) {
    observations.push({ kind: 'untrusted-table', ...rowProblem(versionTableName, 'version') })
  }
  if (Number(marks) > 0) {
    observations.push({ kind: 'untrusted-table', ...rowProblem(versionTableName, 'dirty') })
  }
  if (Number(rows) > 1) observations.push({ kind: 'extra-rows', rows: Number(rows) })
  return observations
}

const ledger = (connection: SqliteConnection, trusted: boolean): Observation[] => {
  const { ledgerName } = connection
  const problem = hasTable(connection, ledgerName)
    ? kindProblem(connection, ledgerName, trusted)
    : undefined
  if (problem !== undefined) return [{ kind: 'untrusted-table', ...problem }]
  const condition = inspectLedger(connection, trusted)
  return condition.kind === 'unusable'
    ? [{ kind: 'ledger-unusable', reason: condition.reason }]
    : []
}

const durability = ({ client }: SqliteConnection): Observation[] => {
  if (readPragma(client, 'synchronous') !== '0') return []
  return [
    {
      kind: 'weak-durability',
      setting: 'PRAGMA synchronous',
      value: 'OFF',
      consequence: 'A crash of the machine can damage the database.',
    },
  ]
}
