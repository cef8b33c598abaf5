import type { Lexer } from '../lexer.ts'
import { plainWords, Roles } from '../roles.ts'
import type { StatementKind } from '../statements.ts'
import { transactionControl } from '../transaction-control.ts'

const KNOWN_BY_FIRST_WORD = plainWords('INSERT UPDATE DELETE REPLACE SELECT WITH VALUES TABLE')

// https://dev.mysql.com/doc/refman/en/implicit-commit.html; CREATE, ALTER and DROP are named by their object.
const COMMITS = new Set(
  'TRUNCATE RENAME GRANT REVOKE LOCK UNLOCK FLUSH ANALYZE OPTIMIZE REPAIR CHECK CACHE RESET INSTALL UNINSTALL CHANGE START STOP IMPORT'.split(
    ' ',
  ),
)
const SECOND_WORDS = new Set(
  'TABLE TABLES USER INDEX DATA XML SLAVE REPLICA REPLICATION GROUP_REPLICATION PLUGIN COMPONENT PRIVILEGES STATUS LOGS MASTER BINARY IMMEDIATE PREPARE'.split(
    ' ',
  ),
)

/** Tells MySQL and MariaDB statements apart by what they do to the transaction they run in. */
export class MysqlRoles extends Roles {
  readonly #server: string

  constructor(lexer: Lexer, mariadb: boolean) {
    super(lexer, KNOWN_BY_FIRST_WORD)
    this.#server = mariadb ? 'MariaDB' : 'MySQL'
  }

  /** A statement that begins with an executable comment. */
  executableComment(kind: StatementKind): StatementKind {
    return this.kind(
      'outside',
      kind.command,
      "What an executable comment does depends on the server's version",
    )
  }

  /** A statement that mentions a function which takes or returns a lock. */
  lockFunction(kind: StatementKind): StatementKind {
    if (kind.role !== 'plain') return kind
    const reason = 'It calls a lock function, whose effect a rollback does not undo'
    return this.kind('outside', kind.command, reason)
  }

  /** A statement with INTO OUTFILE or INTO DUMPFILE. */
  writesFile(kind: StatementKind): StatementKind {
    if (kind.role !== 'plain') return kind
    return this.kind('outside', kind.command, 'It writes a file, which a rollback does not undo')
  }

  protected classify(tokens: readonly string[], start: number, end: number): StatementKind {
    const [first = '', second = ''] = tokens
    switch (first) {
      case '(':
        return this.plain('SELECT')
      case 'USE':
        return this.kind('session', 'USE')
      case 'SET':
        return this.#set(second, start, end)
      case 'CREATE':
      case 'ALTER':
      case 'DROP':
        return this.#ddl(tokens, start, end)
      case 'XA':
        return this.kind('outside', `XA ${second}`, 'XA manages a transaction of its own')
      case 'CALL':
        return this.kind('outside', 'CALL', 'CALL may run statements that commit')
      case 'BEGIN':
        if (second === 'NOT')
          return this.kind(
            'outside',
            'BEGIN NOT ATOMIC',
            'The block may run statements that commit',
          )
        break
      case 'END':
      case 'ABORT':
        return this.#unknown(first)
      case 'LOAD':
        return second === 'INDEX' ? this.#commits('LOAD INDEX') : this.#unknown(`LOAD ${second}`)
      case 'RELEASE':
        if (second !== 'SAVEPOINT') return this.#unknown(first)
        break
      default:
        break
    }
    const control = transactionControl(tokens)
    // What comes later in a statement of transaction control matters too, such as AND CHAIN.
    if (control !== undefined) return transactionControl(this.tokens(start, end)) ?? control
    const command = SECOND_WORDS.has(second) ? `${first} ${second}` : first
    return COMMITS.has(first) ? this.#commits(command) : this.#unknown(command)
  }

  #set(second: string, start: number, end: number): StatementKind {
    if (second === 'TRANSACTION') return this.kind('set-transaction', 'SET TRANSACTION')
    if (second === 'PASSWORD') return this.#commits('SET PASSWORD')
    const tokens = this.tokens(start, end)
    if (second === 'DEFAULT' && tokens[2] === 'ROLE') return this.#commits('SET DEFAULT ROLE')
    if (second === 'STATEMENT') return this.#unknown('SET STATEMENT')
    return setsOnlyUserVariables(tokens) ? this.plain('SET') : this.kind('session', 'SET')
  }

  #ddl(tokens: readonly string[], start: number, end: number): StatementKind {
    const command = this.ddlCommand(tokens, start, end)
    const at = tokens.indexOf('TABLE')
    if (command.endsWith(' TABLE') && tokens[at - 1] === 'TEMPORARY') {
      const reason = `${command} of a temporary table cannot be rolled back on ${this.#server}`
      return this.kind('outside', command, reason)
    }
    return this.#commits(command)
  }

  #commits(command: string): StatementKind {
    return this.kind('outside', command, `${command} commits by itself on ${this.#server}`)
  }

  #unknown(word: string): StatementKind {
    const command = word.trim().slice(0, 40)
    const reason = `${command} may do what a rollback does not undo on ${this.#server}`
    return this.kind('outside', command, reason)
  }
}

/** `SET @a = …, @b = …`; `@@name` is a setting. */
function setsOnlyUserVariables(tokens: readonly string[]): boolean {
  let depth = 0
  for (let i = 0; i < tokens.length; i++) {
    const token = tokens[i]
    if (token === '(') depth++
    else if (token === ')') depth--
    else if (depth === 0 && (token === ',' || i === 0)) {
      if (tokens[i + 1] !== '@' || tokens[i + 2] === '@') return false
    }
  }
  return true
}
