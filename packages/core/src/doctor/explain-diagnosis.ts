import { formatVersion } from '../plan/version-state.ts'
import type { DiagnosedObject, DiagnosedStatement, Diagnosis } from './diagnosis.ts'
import type { Finding } from './finding.ts'

/** `Statement 3`, `Statements 3 and 4`, `Statements 3 to 7`. */
const statementsText = (first: number, last: number): string => {
  if (first === last) return `Statement ${first}`
  return last === first + 1 ? `Statements ${first} and ${last}` : `Statements ${first} to ${last}`
}

const be = (first: number, last: number): string => (first === last ? 'is' : 'are')

const longestText = 200

/** A statement on one line, with its place. */
const quote = (file: string | null, { line, column, text }: DiagnosedStatement): string => {
  // Of a statement of megabytes only its beginning is looked at.
  const flat = text.slice(0, longestText * 20).replace(/\s+/g, ' ')
  const characters = [...flat]
  const cut =
    characters.length > longestText ? `${characters.slice(0, longestText).join('')}…` : flat
  return `${file ?? ''}:${line}:${column}: ${cut}`
}

const shows = ({ label, shown }: Pick<DiagnosedObject, 'label' | 'shown'>): string =>
  shown ? `shows ${label}` : `does not show ${label}`

const list = (parts: readonly string[]): string =>
  parts.length < 2 ? parts.join('') : `${parts.slice(0, -1).join(', ')} and ${parts.at(-1)}`

const mostObjects = 6

const objectsText = (objects: readonly Pick<DiagnosedObject, 'label' | 'shown'>[]): string => {
  const told = [...new Set(objects.map(shows))]
  const more = told.length - mostObjects
  return `the catalog ${list(more > 0 ? [...told.slice(0, mostObjects), `${more} more`] : told)}`
}

/** What the record says for certain. */
const recordText = ({
  recorded,
  failure,
  how,
  statements,
  unchangedSoFar,
}: Diagnosis): string[] => {
  if (recorded === null) return []
  const lines: string[] = []
  if (!unchangedSoFar) {
    lines.push(
      'The file was changed since, also where it had run already: what is in effect of it is not what it says.',
    )
  }
  if (recorded > 0)
    lines.push(`${statementsText(1, recorded)} ${be(1, recorded)} in effect, by the ledger.`)
  const refused = failure?.statement?.number
  if (refused !== undefined && refused > recorded + 1) {
    const kept = how === 'each-transaction' ? 'rolled back' : 'not kept'
    lines.push(
      `${statementsText(recorded + 1, refused - 1)} ${be(recorded + 1, refused - 1)} ${kept}: the transaction was still open.`,
    )
  }
  if (recorded === 0 && statements > 0) lines.push('No statement is in effect by the ledger.')
  return lines
}

/** Objects of statements in a range. */
const between = ({ objects }: Diagnosis, first: number, last: number): readonly DiagnosedObject[] =>
  objects.filter(({ statement }) => statement >= first && statement <= last)

/** What is known of the statements that may have run. */
const standingText = (
  diagnosis: Diagnosis,
  statementOf: (n: number) => DiagnosedStatement | null,
): string[] => {
  const { possible, standing, contradictions, changed, statements, recorded } = diagnosis
  const first = (possible[0] ?? 0) + 1
  const last = possible.at(-1) ?? 0
  if (last < first) return []
  const told = diagnosis.failure?.statement?.number === first
  const only = first === last && !told ? statementOf(first) : null
  const which = only === null ? [] : [`Statement ${first} is ${quote(diagnosis.file, only)}`]
  const subject = statementsText(first, last)
  if (changed && recorded !== null) {
    return [
      `${subject} may be in effect: the file was changed since, so the catalog cannot be asked about what ran.`,
    ]
  }
  if (standing.length === 0) {
    return [
      ...which,
      `${subject} may be partly in effect, or somebody has changed the database since: ${objectsText(contradictions)}.`,
    ]
  }
  const high = standing.at(-1) ?? 0
  const low = (diagnosis.likely.length > 0 ? diagnosis.likely : standing)[0] ?? 0
  const lines = [...which]
  if (low >= first) {
    const subject = statementsText(first, low)
    const seen = objectsText(between(diagnosis, first, low))
    lines.push(
      low === standing[0]
        ? `${subject} ${be(first, low)} in effect: ${seen}.`
        : `${subject} ${first === low ? 'seems' : 'seem'} to be in effect: ${seen}, unless that was so before.`,
    )
  }
  if (high > low) {
    const seen = between(diagnosis, low + 1, high)
    const reason =
      seen.length === 0
        ? `${low + 1 === high ? 'it leaves' : 'they leave'} nothing in the catalog to look for`
        : `the catalog cannot tell, since ${low + 1 === high ? 'it succeeds' : 'they succeed'} either way`
    lines.push(`${statementsText(low + 1, high)} may be in effect: ${reason}.`)
  }
  if (high < last) {
    lines.push(
      `${statementsText(high + 1, last)} ${be(high + 1, last)} not in effect: ${objectsText(between(diagnosis, high + 1, last))}.`,
    )
  }
  if (last < statements && recorded !== null) {
    lines.push(`${statementsText(last + 1, statements)} did not run.`)
  }
  return lines
}

/** What the catalog shows of statements that did not run by the record, where it shows anything. */
const laterText = (diagnosis: Diagnosis): string[] => {
  const { possible, statements, recorded } = diagnosis
  const refused = diagnosis.failure?.refused === true ? diagnosis.failure.statement?.number : 0
  const from = Math.max(possible.at(-1) ?? 0, refused ?? 0) + 1
  if (recorded === null || from > statements) return []
  const there = diagnosis.objects.filter(
    ({ statement, action, shown }) => statement >= from && shown === (action === 'create'),
  )
  if (there.length === 0) return []
  return [
    `Of the statements that did not run ${objectsText(there)} all the same: somebody did that in another way.`,
  ]
}

const failureText = (diagnosis: Diagnosis): string[] => {
  const { failure, file } = diagnosis
  if (failure === null) return []
  const { statement, code, message, refused, partly } = failure
  const said = message ?? code ?? 'nothing is known of the reason'
  const lines = statement === null ? [] : [`It stopped at ${quote(file, statement)}`]
  lines.push(refused ? `The server refused it. ${said}` : `The run ended. ${said}`)
  if (partly !== null && statement !== null) {
    const { number } = statement
    const seen = between(diagnosis, number, number)
    const shown = seen.length === 0 ? '' : `; ${objectsText(seen)}`
    lines.push(`Statement ${number} may be partly in effect: ${partly}${shown}.`)
  }
  return lines
}

const howText = ({ by, how, reason, sure, direction, version }: Diagnosis): string => {
  if (by === 'mig') {
    const one =
      how === 'each-transaction'
        ? 'statement by statement'
        : 'statement by statement, each final when it ended'
    return `It ran ${one}${reason === null ? '' : `: ${reason}`}.`
  }
  const who = 'It is not in the ledger: golang-migrate ran it, or mig without a ledger.'
  const what = sure ? '' : ` That it was ${direction} ${version} is not certain.`
  switch (how) {
    case 'one-transaction':
      return `${who}${what} Its statements are one transaction, so all of it is there or nothing.`
    case 'each-transaction':
      return `${who}${what} Its statements became final one by one, or block by block.`
    case 'each-statement':
      return `${who}${what} Its statements became final one by one.`
  }
}

/** How a dirty database can be repaired. */
export interface Remedy {
  readonly action: 'rolled-back' | 'applied' | 'resume'
  /** For `resume`: the first statement to run. */
  readonly fromStatement?: number
}

/** What record and catalog prove, so that repairing needs no guess. */
export const provenRemedy = (diagnosis: Diagnosis): Remedy | undefined => {
  const { standing, sure, by, unchangedSoFar, asked, possible } = diagnosis
  const [at, ...others] = standing
  if (at === undefined || others.length > 0 || !sure) return undefined
  if ((diagnosis.failure?.partly ?? null) !== null) return undefined
  if (!asked && possible.length > 1) return undefined
  if (at === 0) return { action: 'rolled-back' }
  if (by === 'mig' && unchangedSoFar) return { action: 'resume', fromStatement: at + 1 }
  return undefined
}

const afterwards = ({ from, to }: Diagnosis, { action }: Remedy): string =>
  action === 'rolled-back' ? formatVersion(from) : formatVersion(to)

/** What a repair would do, for people. */
export const remedyText = (diagnosis: Diagnosis, remedy: Remedy): string => {
  const version = afterwards(diagnosis, remedy)
  switch (remedy.action) {
    case 'rolled-back':
      return `Nothing of it is in effect: the version goes back to ${version}, clean.`
    case 'applied':
      return `All of it is in effect: the version stays at ${version} and is clean.`
    case 'resume': {
      const { fromStatement = 1 } = remedy
      const { statements } = diagnosis
      if (fromStatement > statements) {
        return `All of it is in effect: the version stays at ${version} and is clean.`
      }
      const which = statementsText(fromStatement, statements).toLowerCase()
      return `${which.replace(/^s/, 'S')} ${fromStatement === statements ? 'runs' : 'run'}, then the version is ${version}, clean.`
    }
  }
}

const lowered = (text: string): string => text.charAt(0).toLowerCase() + text.slice(1)

/** What to do before the statement that failed is run again. */
const repairFirst = ({ failure, unusable }: Diagnosis): string => {
  const failed = failure?.statement?.number
  const removed =
    unusable.length === 0 ? '' : `The ${list(unusable)} it has left must be removed first.`
  return failed === undefined
    ? removed
    : `${removed === '' ? '' : `${removed} `}Fix what made statement ${failed} fail; the file may be changed from there on.`
}

const commandFor = (
  diagnosis: Diagnosis,
): { readonly command: string; readonly text: string; readonly first?: string } => {
  const proven = provenRemedy(diagnosis)
  const { statements, standing, possible, by } = diagnosis
  if (proven !== undefined) {
    const command = proven.action === 'resume' ? 'mig repair --resume' : 'mig repair'
    const first = diagnosis.unusable.length > 0 ? ' --drop-invalid-indexes' : ''
    return {
      command: command + first,
      text: `To repair it: ${lowered(remedyText(diagnosis, proven))}`,
      ...(proven.action === 'resume' ? { first: repairFirst(diagnosis) } : {}),
    }
  }
  const { likely } = diagnosis
  if (by === 'other' && likely.length === 1 && likely[0] === statements) {
    return {
      command: 'mig repair --applied',
      text: 'If none of it was there before, all of it ran: say --applied. If the step failed because it was there, say --rolled-back and repair the file.',
    }
  }
  if (by === 'other' && diagnosis.how === 'one-transaction') {
    return {
      command: 'mig repair --rolled-back',
      text: 'Look whether its statements are in effect. Say --rolled-back if they are not, --applied if they are.',
    }
  }
  const points = [likely, standing, possible].find(({ length }) => length > 0) ?? [0]
  const next = Math.min((points[0] ?? 0) + 1, statements)
  const go = 'mig repair --resume --from-statement'
  if (by === 'other' && likely.length === 1) {
    return {
      command: `${go} ${next}`,
      text: `If none of it was there before, go on at statement ${next}; say --rolled-back if you have undone all of it.`,
    }
  }
  return {
    command: `${go} ${next}`,
    text:
      `Look whether statement ${next} is in effect. Go on with it if it is not` +
      (next < statements
        ? `, with --from-statement ${next + 1} if it is`
        : ', say --applied if it is') +
      '; say --rolled-back if you have undone all of it.',
  }
}

/** The finding for a dirty database. */
export const explainDiagnosis = (
  diagnosis: Diagnosis,
  statementOf: (number: number) => DiagnosedStatement | null,
): Finding => {
  const { version, direction, file, failure, statements } = diagnosis
  const at = failure?.statement?.number
  const { command, text, first = '' } = commandFor(diagnosis)
  return {
    code: 'DIRTY',
    severity: 'error',
    title:
      `The database is dirty: ${direction} ${version} (${file ?? 'no file'}) did not finish` +
      (at === undefined ? '' : `, at statement ${at} of ${statements}`),
    why: 'Nothing runs on a dirty database, since nobody can know what a further step would find.',
    details: [
      ...failureText(diagnosis),
      howText(diagnosis),
      ...recordText(diagnosis),
      ...standingText(diagnosis, statementOf),
      ...laterText(diagnosis),
      ...(first === '' ? [] : [first]),
      text,
    ],
    command,
  }
}
