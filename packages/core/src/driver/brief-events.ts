import type { LedgerEvent, LedgerEventKind } from '../ledger.ts'
import type { Version } from '../migration.ts'

const blank = {
  format: 0,
  at: new Date(0),
  runId: '',
  direction: null,
  title: '',
  statement: null,
  statements: null,
  durationMs: null,
  checksum: null,
  actor: '',
  tool: '',
  line: null,
  column: null,
  errorCode: null,
  message: null,
} as const satisfies Partial<LedgerEvent>

const versionOf = (text: string | undefined): Version | null =>
  text === undefined || text === '-' ? null : BigInt(text)

/**
 * Reads the answer to a brief query that a database has put together as one text, which is many times faster than a
 * row for each event: a line for each, with id, kind, version, from, to and dirty (`-` for none, `t` or `1` for true),
 * and behind them the details as a JSON string where there are any.
 */
export const parseBriefEvents = (text: string): LedgerEvent[] =>
  text === '' ? [] : text.split('\n').map(eventOf)

const eventOf = (line: string): LedgerEvent => {
  const [id = '0', kind = '', version, from, to, dirty] = line.split(' ', 6)
  const quote = line.indexOf('"')
  return {
    ...blank,
    id: BigInt(id),
    kind: kind as LedgerEventKind,
    version: versionOf(version),
    from: versionOf(from),
    to: versionOf(to),
    dirty: dirty === 't' || dirty === '1',
    details: quote === -1 ? null : String(JSON.parse(line.slice(quote))),
  }
}
