import type { StatementKind } from './statements.ts'

const BEGIN: StatementKind = { role: 'begin', command: 'BEGIN' }
const BEGIN_READ_ONLY: StatementKind = { role: 'begin-read-only', command: 'BEGIN' }
const START: StatementKind = { role: 'begin', command: 'START TRANSACTION' }
const START_READ_ONLY: StatementKind = { role: 'begin-read-only', command: 'START TRANSACTION' }
const COMMIT: StatementKind = { role: 'commit', command: 'COMMIT' }
const COMMIT_AND_CHAIN: StatementKind = { role: 'commit-and-chain', command: 'COMMIT AND CHAIN' }
const END: StatementKind = { role: 'commit', command: 'END' }
const END_AND_CHAIN: StatementKind = { role: 'commit-and-chain', command: 'END AND CHAIN' }
const ROLLBACK: StatementKind = { role: 'rollback', command: 'ROLLBACK' }
const ABORT: StatementKind = { role: 'rollback', command: 'ABORT' }
const ROLLBACK_TO: StatementKind = { role: 'savepoint', command: 'ROLLBACK TO' }
const SAVEPOINT: StatementKind = { role: 'savepoint', command: 'SAVEPOINT' }
const RELEASE: StatementKind = { role: 'savepoint', command: 'RELEASE' }

/**
 * Classifies what all dialects share of transaction control; `undefined` for any other statement. What only one of
 * them has (`COMMIT PREPARED`, `START REPLICA`, `BEGIN NOT ATOMIC`) its own rules must take out before.
 */
export function transactionControl(tokens: readonly string[]): StatementKind | undefined {
  switch (tokens[0] ?? '') {
    case 'BEGIN':
      return isReadOnly(tokens) ? BEGIN_READ_ONLY : BEGIN
    case 'START':
      if (tokens[1] !== 'TRANSACTION') return undefined
      return isReadOnly(tokens) ? START_READ_ONLY : START
    case 'COMMIT':
      return isChained(tokens) ? COMMIT_AND_CHAIN : COMMIT
    case 'END':
      return isChained(tokens) ? END_AND_CHAIN : END
    case 'ROLLBACK':
      return tokens.includes('TO') ? ROLLBACK_TO : ROLLBACK
    case 'ABORT':
      return ABORT
    case 'SAVEPOINT':
      return SAVEPOINT
    case 'RELEASE':
      return RELEASE
    default:
      return undefined
  }
}

/** The mode that is named last holds. */
function isReadOnly(tokens: readonly string[]): boolean {
  const at = tokens.lastIndexOf('READ')
  // READ COMMITTED and READ UNCOMMITTED are isolation levels.
  if (at === -1) return false
  for (let i = at; i > 0; i--) {
    if (tokens[i] === 'READ' && tokens[i + 1] === 'ONLY') return true
    if (tokens[i] === 'READ' && tokens[i + 1] === 'WRITE') return false
  }
  return false
}

function isChained(tokens: readonly string[]): boolean {
  return tokens.some((token, i) => token === 'AND' && tokens[i + 1] === 'CHAIN')
}
