import type { Observation } from '../driver/inspection.ts'
import { formatState } from '../plan/version-state.ts'
import type { Finding } from './finding.ts'

/** What an observation of the driver means for people. */
export const explainObservation = (observation: Observation, table: string): Finding => {
  switch (observation.kind) {
    case 'lock-held':
      return {
        code: 'LOCK_HELD',
        severity: 'info',
        title: `The lock is held by ${observation.holder}`,
        why: 'A run is under way, or a session that has lost its client has not ended yet; what is said here may change.',
        details: [],
        command: 'mig unlock',
      }
    case 'lock-row':
      return {
        code: 'LOCK_ROW',
        severity: 'warning',
        title: `The lock table ${observation.table} has a row`,
        why: 'The row is a run under way, or what a process that was killed has left; it does not go away by itself.',
        details: ['Make sure that no run is under way before you remove it.'],
        command: 'mig unlock --lock=table',
      }
    case 'lock-per-node':
      return {
        code: 'LOCK_PER_NODE',
        severity: 'warning',
        title: `The server is part of a cluster (${observation.cluster}), and its lock reaches one node only`,
        why: 'Two runs on two nodes would not keep each other out.',
        details: ['Run migrations against one and the same node.'],
      }
    case 'invalid-index':
      return {
        code: 'INVALID_INDEX',
        severity: 'warning',
        title: `The index ${observation.name} on ${observation.table} is INVALID`,
        why: 'A concurrent build that failed left it: no query uses it, every write pays for it, and building it again fails.',
        details: [`"mig repair --drop-invalid-indexes" runs ${observation.command}`],
        command: 'mig repair --drop-invalid-indexes',
      }
    case 'other-version-table':
      return {
        code: 'OTHER_VERSION_TABLE',
        severity: 'warning',
        title: `There is another version table: ${observation.table}, at ${formatState(observation.state)}`,
        why: `Which one is used depends on the connection's settings; this one uses ${table}.`,
        details: [
          'If the other one is the one you mean, name it with --migrations-table, or correct the schema of the connection.',
        ],
      }
    case 'missing-right':
      return {
        code: 'MISSING_RIGHT',
        severity: 'warning',
        title: `The user may not ${observation.what}`,
        why: observation.consequence,
        details: [],
        command: observation.command,
      }
    case 'weak-durability':
      return {
        code: 'WEAK_DURABILITY',
        severity: 'info',
        title: `${observation.setting} is ${observation.value}`,
        why: observation.consequence,
        details: [],
      }
    case 'read-only':
      return {
        code: 'READ_ONLY',
        severity: 'warning',
        title: `Nothing can be written here: ${observation.reason}`,
        why: 'Migrations have to run where writes are taken.',
        details: [],
      }
    case 'extra-rows':
      return {
        code: 'EXTRA_ROWS',
        severity: 'warning',
        title: `The version table ${table} has ${observation.rows} rows`,
        why: 'It should have one; which one counts depends on the order in which the database returns them. The next write removes the others.',
        details: [],
        ...(observation.command === undefined ? {} : { command: observation.command }),
      }
    case 'untrusted-table':
      return {
        code: 'UNTRUSTED_TABLE',
        severity: 'error',
        title: `The table is not used as it is: ${observation.reason}`,
        why: 'mig writes with the rights of the migration user, and decides by what this table says: it has to be a plain table, as mig or golang-migrate makes it.',
        details: observation.advice === undefined ? [] : [observation.advice],
        ...(observation.command === undefined ? {} : { command: observation.command }),
      }
    case 'excess-rights':
      return {
        code: 'EXCESS_RIGHTS',
        severity: 'info',
        title: `The user has ${observation.what}`,
        why: 'Migrations need far less, and a mistake in a file could reach everything on the server.',
        details: [observation.advice],
      }
    case 'ledger-unusable':
      return {
        code: 'LEDGER_UNUSABLE',
        severity: 'warning',
        title: `The ledger is not used: ${observation.reason}`,
        why: 'Without it nobody can say when and how a version was applied. The version itself does not depend on it.',
        details: [],
      }
  }
}
