import type { LedgerEvent, LedgerEventKind, LinearLedger } from '../ledger/ledger.ts'
import type { Version } from '../plan/migration.ts'

/** What a brief query does not ask for. */
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

type Told = Omit<LedgerEvent, keyof typeof blank>

/** Has the blanks from its prototype: of ten thousand events they would take more than what is told of them. */
class SummaryEvent implements Told {
  readonly id: bigint
  readonly kind: LedgerEventKind
  readonly version: Version | null
  readonly from: Version | null
  readonly to: Version | null
  readonly dirty: boolean
  readonly details: string | null

  constructor(line: string) {
    const [id = '0', kind = '', version, from, to, dirty] = line.split(' ', 6)
    const quote = line.indexOf('"')
    this.id = BigInt(id)
    this.kind = kind as LedgerEventKind
    this.version = versionOf(version)
    this.from = versionOf(from)
    this.to = versionOf(to)
    this.dirty = dirty === 't' || dirty === '1'
    this.details = quote === -1 ? null : String(JSON.parse(line.slice(quote)))
  }
}
Object.assign(SummaryEvent.prototype, blank)

const versionOf = (text: string | undefined): Version | null =>
  text === undefined || text === '-' ? null : BigInt(text)

/**
 * Reads the answer to a brief query that a database has put together as one text, which is many times faster than a
 * row for each event: a line for each, with id, kind, version, from, to and dirty (`-` for none, `t` or `1` for true),
 * and after them the details as a JSON string where there are any.
 */
export const parseSummaryEvents = (text: string): LedgerEvent[] =>
  text === '' ? [] : text.split('\n').map(eventOf)

/** The events that a straight ledger stands for, and after them one that names the version row. */
export const linearEvents = ({ versions, recorded }: LinearLedger): LedgerEvent[] => [
  ...(versions === '' ? [] : versions.split('\n')).map((version) =>
    eventOf(`0 applied ${version} - ${version} 0`),
  ),
  eventOf(`0 started - - ${recorded.version ?? '-'} ${recorded.dirty ? 1 : 0}`),
]

const eventOf = (line: string): LedgerEvent => new SummaryEvent(line) as Told as LedgerEvent
