import type { Lexer } from '../lexer.ts'
import { plainWords, Roles } from '../roles.ts'
import type { StatementKind } from '../statements.ts'
import { transactionControl } from '../transaction-control.ts'

// Statements that are known by their first word. Kept apart since a script may have a million of them.
const KNOWN_BY_FIRST_WORD = plainWords(
  'INSERT UPDATE DELETE MERGE WITH VALUES TABLE GRANT REVOKE COMMENT TRUNCATE LOCK ANALYZE ANALYSE EXPLAIN COPY NOTIFY LISTEN UNLISTEN DECLARE FETCH MOVE CLOSE EXECUTE DEALLOCATE REFRESH IMPORT LOAD SHOW REASSIGN CHECKPOINT SECURITY',
)

/** Tells PostgreSQL statements apart by what they do to the transaction they run in. */
export class PostgresRoles extends Roles {
  readonly #serverVersion: number | undefined
  #mentionsSetConfig: boolean | undefined

  constructor(lexer: Lexer, serverVersion: number | undefined) {
    super(lexer, KNOWN_BY_FIRST_WORD)
    this.#serverVersion = serverVersion
  }

  protected classify(tokens: readonly string[], start: number, end: number): StatementKind {
    const [first = '', second] = tokens
    switch (first) {
      case 'SELECT':
        // Looked for once, so that a script of a million SELECTs is not read twice over.
        this.#mentionsSetConfig ??= /set_config/i.test(this.lexer.script)
        if (!this.#mentionsSetConfig) return this.takeForPlain('SELECT')
        return isSetConfig(tokens, () => this.tokens(start, end))
          ? this.kind('session', 'SELECT set_config')
          : this.plain('SELECT')
      case 'SET':
        return this.#set(tokens)
      case 'RESET':
        return this.kind('session', 'RESET')
      case 'COMMIT':
      case 'ROLLBACK':
        if (second === 'PREPARED') return this.#outside(`${first} PREPARED`)
        break
      case 'PREPARE':
        return second === 'TRANSACTION'
          ? this.kind('prepare-transaction', 'PREPARE TRANSACTION')
          : this.plain('PREPARE')
      case 'DISCARD':
        return second === 'ALL' ? this.#outside('DISCARD ALL') : this.plain('DISCARD')
      case 'VACUUM':
        return this.#outside('VACUUM')
      case 'CLUSTER':
      case 'REPACK':
        return this.#cluster(first, this.tokens(start, end))
      case 'REINDEX':
        return this.#reindex(this.tokens(start, end))
      case 'CALL':
        return this.#outsideAlone('CALL', 'CALL may run a procedure that commits')
      case 'DO':
        return /\b(?:COMMIT|ROLLBACK)\b/i.test(this.lexer.script.slice(start, end))
          ? this.#outsideAlone('DO', 'This DO block has a COMMIT or ROLLBACK in its text')
          : this.plain('DO')
      case 'CREATE':
      case 'DROP':
      case 'ALTER':
        return this.#ddl(first, tokens, start, end)
      default:
        break
    }
    const control = transactionControl(tokens)
    // What comes later in a statement of transaction control matters too, such as AND CHAIN.
    if (control !== undefined) return transactionControl(this.tokens(start, end)) ?? control
    return this.plain(first === '(' ? 'SELECT' : first)
  }

  #set(tokens: readonly string[]): StatementKind {
    const scoped = tokens[1] === 'LOCAL' || tokens[1] === 'SESSION'
    const name = scoped ? tokens[2] : tokens[1]
    if (tokens[1] === 'SESSION' && name === 'CHARACTERISTICS')
      return this.kind('session', 'SET SESSION CHARACTERISTICS')
    if (name === 'TRANSACTION' && tokens[1] === 'TRANSACTION')
      return this.kind('set-transaction', 'SET TRANSACTION')
    // The same by the names of the settings after it; they too must come before any query.
    if (name === 'TRANSACTION_ISOLATION' || name === 'TRANSACTION_DEFERRABLE')
      return this.kind('set-transaction', 'SET')
    if (tokens[1] === 'LOCAL') return this.plain('SET LOCAL')
    if (tokens[1] === 'CONSTRAINTS') return this.plain('SET CONSTRAINTS')
    return this.kind('session', 'SET')
  }

  #cluster(verb: string, tokens: readonly string[]): StatementKind {
    const { options, rest } = afterOptions(tokens.slice(1))
    const concurrently = isOn(options, 'CONCURRENTLY') || rest[0] === 'CONCURRENTLY'
    if (verb === 'REPACK' && concurrently) return this.#outside('REPACK CONCURRENTLY')
    const target = rest.filter((token) => token !== 'VERBOSE')
    if (target.length > 0) return this.plain(verb)
    return this.kind('outside', verb, `${verb} without a table cannot run inside a transaction`)
  }

  #reindex(tokens: readonly string[]): StatementKind {
    const { options, rest } = afterOptions(tokens.slice(1))
    const object = rest[0] === 'VERBOSE' ? (rest[1] ?? '') : (rest[0] ?? '')
    const name = rest[0] === 'VERBOSE' ? rest[2] : rest[1]
    if (name === 'CONCURRENTLY' || isOn(options, 'CONCURRENTLY'))
      return this.#outside(`REINDEX ${object} CONCURRENTLY`)
    if (object === 'SCHEMA' || object === 'DATABASE' || object === 'SYSTEM')
      return this.#outside(`REINDEX ${object}`)
    return this.plain('REINDEX')
  }

  #ddl(verb: string, tokens: readonly string[], start: number, end: number): StatementKind {
    const command = this.ddlCommand(tokens, start, end)
    switch (command) {
      case 'CREATE INDEX':
      case 'DROP INDEX':
        // The word stands in third or fourth place: CREATE UNIQUE INDEX CONCURRENTLY.
        if (tokens[tokens.indexOf('INDEX') + 1] === 'CONCURRENTLY')
          return this.#outside(`${command} CONCURRENTLY`)
        break
      case 'CREATE DATABASE':
      case 'DROP DATABASE':
      case 'CREATE TABLESPACE':
      case 'DROP TABLESPACE':
      case 'ALTER SYSTEM':
        return this.#outside(command)
      case 'ALTER DATABASE':
        if (follows(this.tokens(start, end), 'SET', 'TABLESPACE'))
          return this.#outside('ALTER DATABASE SET TABLESPACE')
        break
      case 'ALTER TABLE':
        // After a name of up to three parts.
        if (!this.tokens(start, end, 12).includes('DETACH')) break
        if (this.tokens(start, end).at(-1) === 'CONCURRENTLY')
          return this.#outside('ALTER TABLE DETACH PARTITION CONCURRENTLY')
        break
      case 'ALTER TYPE':
        if (follows(this.tokens(start, end), 'ADD', 'VALUE')) return this.#addValue()
        break
      case 'CREATE SUBSCRIPTION': {
        const options = subscriptionOptions(this.tokens(start, end))
        if (isOff(options, 'CREATE_SLOT') || isOff(options, 'CONNECT')) break
        if (follows(options, '=', 'NONE')) break // slot_name = NONE
        return this.kind(
          'outside',
          command,
          'CREATE SUBSCRIPTION makes a replication slot and cannot run inside a transaction',
        )
      }
      case 'DROP SUBSCRIPTION':
        return this.kind(
          'outside',
          command,
          'DROP SUBSCRIPTION drops its replication slot and cannot run inside a transaction',
        )
      case 'ALTER SUBSCRIPTION': {
        const all = this.tokens(start, end)
        if (!refreshes(all) || isOff(subscriptionOptions(all), 'REFRESH')) break
        return this.kind(
          'outside',
          command,
          'ALTER SUBSCRIPTION with a refresh cannot run inside a transaction',
        )
      }
      default:
        break
    }
    return this.plain(command === verb ? verb : command)
  }

  #addValue(): StatementKind {
    const command = 'ALTER TYPE ADD VALUE'
    if (this.#serverVersion === undefined || this.#serverVersion >= 120000)
      return this.plain(command)
    return this.kind(
      'outside',
      command,
      'ALTER TYPE … ADD VALUE cannot run inside a transaction before PostgreSQL 12',
    )
  }

  #outside(command: string): StatementKind {
    return this.kind('outside', command, `${command} cannot run inside a transaction`)
  }

  #outsideAlone(command: string, reason: string): StatementKind {
    return this.kind('outside-alone', command, reason)
  }
}

function follows(tokens: readonly string[], first: string, second: string): boolean {
  return tokens.some((token, i) => token === first && tokens[i + 1] === second)
}

/** Whether the whole statement is `SELECT set_config(…)`, with a schema or a column alias perhaps. */
function isSetConfig(head: readonly string[], all: () => readonly string[]): boolean {
  const open = head[1] === 'PG_CATALOG' && head[2] === '.' ? 4 : 2
  if (head[open - 1] !== 'SET_CONFIG') return false
  const tokens = all()
  if (tokens[open] !== '(') return false
  let depth = 0
  for (let i = open; i < tokens.length; i++) {
    if (tokens[i] === '(') depth++
    else if (tokens[i] === ')' && --depth === 0) {
      const rest = tokens.slice(i + 1)
      return rest.length === 0 || (rest[0] === 'AS' ? rest.length === 2 : rest.length === 1)
    }
  }
  return false
}

interface Options {
  readonly options: readonly string[]
  readonly rest: readonly string[]
}

/** Takes a parenthesised option list off the front. */
function afterOptions(tokens: readonly string[]): Options {
  if (tokens[0] !== '(') return { options: [], rest: tokens }
  const close = tokens.indexOf(')')
  if (close === -1) return { options: tokens.slice(1), rest: [] }
  return { options: tokens.slice(1, close), rest: tokens.slice(close + 1) }
}

function isOn(options: readonly string[], name: string): boolean {
  return options.includes(name) && !isOff(options, name)
}

function isOff(options: readonly string[], name: string): boolean {
  const at = options.indexOf(name)
  if (at === -1) return false
  const value = options[at + 1] === '=' ? options[at + 2] : options[at + 1]
  return value === 'FALSE' || value === 'OFF' || value === '0'
}

function subscriptionOptions(tokens: readonly string[]): readonly string[] {
  const at = tokens.findLastIndex((token, i) => token === 'WITH' && tokens[i + 1] === '(')
  return at === -1 ? [] : afterOptions(tokens.slice(at + 1)).options
}

function refreshes(tokens: readonly string[]): boolean {
  return ['REFRESH', 'SET', 'ADD', 'DROP'].some((verb) => follows(tokens, verb, 'PUBLICATION'))
}
