import type { Lexer } from '../lexer.ts'
import { plainWords, Roles } from '../roles.ts'
import type { StatementKind } from '../statements.ts'
import { transactionControl } from '../transaction-control.ts'

const KNOWN_BY_FIRST_WORD = plainWords(
  'INSERT UPDATE DELETE REPLACE SELECT WITH VALUES EXPLAIN ANALYZE REINDEX',
)

/** Tells SQLite statements apart by what they do to the transaction they run in. */
export class SqliteRoles extends Roles {
  constructor(lexer: Lexer) {
    super(lexer, KNOWN_BY_FIRST_WORD)
  }

  protected classify(tokens: readonly string[], start: number, end: number): StatementKind {
    const first = tokens[0] ?? ''
    switch (first) {
      case 'VACUUM':
      case 'ATTACH':
      case 'DETACH':
        return this.kind('outside', first, `${first} cannot run inside a transaction`)
      case 'PRAGMA':
        return this.#pragma(start, end)
      case 'CREATE':
      case 'ALTER':
      case 'DROP':
        return this.plain(this.ddlCommand(tokens, start, end))
      default:
        return transactionControl(tokens) ?? this.plain(first)
    }
  }

  #pragma(start: number, end: number): StatementKind {
    const name = pragmaName(this.lexer, start, end)
    const command = `PRAGMA ${name}`
    if (name !== 'journal_mode') return this.kind('session', command)
    return this.kind(
      'outside',
      command,
      'PRAGMA journal_mode cannot change the journal inside a transaction',
    )
  }
}

/** Reads `PRAGMA name` or `PRAGMA schema.name`, quoted or not. */
function pragmaName(lexer: Lexer, start: number, end: number): string {
  const names: string[] = []
  lexer.reset(start, end)
  lexer.next()
  for (let i = 0; i < 3; i++) {
    lexer.next()
    names.push(lexer.script.slice(lexer.start, Math.min(lexer.end, lexer.start + 64)))
  }
  const name = (names[1] === '.' ? names[2] : names[0]) ?? ''
  return name.replace(/^["'`[]|["'`\]]$/g, '').toLowerCase()
}
