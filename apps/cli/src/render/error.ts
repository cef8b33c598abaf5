import type { FailedStep, MigrateError, VersionState } from '@mig/core'
import { stateReport } from '../reports.ts'
import { renderEffect } from './effect.ts'
import { renderState } from './result.ts'
import type { Style } from './style.ts'
import { columns, count, lines, printable } from './text.ts'

/** What the command line knows of an error besides the error. */
export interface ErrorContext {
  /** Folder of the migrations as messages write it. */
  readonly folder?: string | undefined
  readonly verbose: boolean
}

const longestExcerpt = 160

/** The line that failed and a caret below the column, cut around the column where the line is long. */
export const renderExcerpt = (
  excerpt: string,
  line: number,
  column: number,
  { dim, red, symbols }: Style,
): string[] => {
  const characters = Array.from(printable(excerpt))
  const start = column > longestExcerpt - 20 ? column - longestExcerpt / 2 : 0
  const head = start > 0 ? symbols.ellipsis : ''
  const cut = characters.slice(start, start + longestExcerpt)
  const tail = start + longestExcerpt < characters.length ? symbols.ellipsis : ''
  // The caret's line repeats the tabs of the line above, or the caret would stand somewhere else.
  const before = cut
    .slice(0, column - 1 - start)
    .map((character) => (character === '\t' ? '\t' : ' '))
    .join('')
  const number = `${line}`
  return [
    `    ${dim(`${number} |`)} ${head}${cut.join('')}${tail}`,
    `    ${dim(`${' '.repeat(number.length)} |`)} ${' '.repeat(Array.from(head).length)}${before}${red('^')}`,
  ]
}

const placeOf = (failed: FailedStep, folder: string | undefined): string => {
  const file = failed.file ?? `version ${failed.version} ${failed.direction}`
  const path = folder === undefined || failed.file === undefined ? file : `${folder}/${file}`
  return failed.line === undefined ? path : `${path}:${failed.line}:${failed.column ?? 1}`
}

type Row = readonly [label: string, text: string]

const placeLine = (failed: FailedStep, folder: string | undefined, { bold }: Style): string => {
  const { statement, statements } = failed
  const which =
    statement === undefined || statements === undefined
      ? ''
      : `, statement ${statement} of ${statements}`
  return `  at ${bold(placeOf(failed, folder))}${which}`
}

const serverRows = ({ serverCode, serverDetail, serverHint }: FailedStep): Row[] => {
  const rows: Row[] = []
  if (serverCode !== undefined) rows.push(['code', serverCode])
  if (serverDetail !== undefined) rows.push(['detail', serverDetail])
  if (serverHint !== undefined) rows.push(['hint', serverHint])
  return rows
}

const stateText = (failed: FailedStep | undefined, state: VersionState): string => {
  const at = renderState(stateReport(state))
  if (failed === undefined) return `at version ${at}${state.dirty ? '' : ', clean'}`
  const { version, direction } = failed
  if (state.dirty) return `at version ${at}: ${renderEffect(failed)}`
  const done = direction === 'up' ? state.version === version : (state.version ?? -1n) < version
  return done
    ? `at version ${at}, clean: ${direction} ${version} is in effect all the same`
    : `at version ${at}, clean: nothing of ${direction} ${version} is in effect`
}

const outcomeRows = ({ details }: MigrateError): Row[] => {
  const { failed, state, applied, unconfirmed } = details
  const rows: Row[] = []
  if (applied !== undefined) {
    const done = applied.map(({ direction, version }) => `${direction} ${version}`)
    const list = [...(done.length > 3 ? ['...'] : []), ...done.slice(-3)].join(', ')
    rows.push(['done', done.length === 0 ? 'nothing' : `${count(done.length, 'step')}: ${list}`])
    if (state === null) rows.push(['database', 'its state could not be read back'])
    else if (state !== undefined) rows.push(['database', stateText(failed, state)])
  }
  if (unconfirmed !== undefined) rows.push(['not sure', unconfirmed])
  return rows
}

const mendDirty = 'See "mig doctor", mend the cause, then go on with "mig repair".'

/** What to do next, where the error itself does not say. */
const nextStep = ({ hint, details, code }: MigrateError): string | undefined => {
  const { failed, state } = details
  if (failed !== undefined && state?.dirty === true) {
    return `${hint === undefined ? '' : `${hint} `}${mendDirty}`
  }
  if (hint !== undefined) return hint
  if (state === null) return 'Look at "mig status" when the database answers again.'
  if (failed === undefined) return undefined
  return code === 'MIGRATION_FAILED'
    ? `Mend ${failed.file ?? 'the file'}, then run the command again.`
    : 'Run the command again to go on.'
}

const causes = (error: unknown): string[] => {
  const found: string[] = []
  for (let cause = error; cause instanceof Error; cause = cause.cause) {
    found.push(cause.stack ?? `${cause.name}: ${cause.message}`)
  }
  return found
}

/** An error as people read it: what, where, what it means for the database, what to do. */
export const renderError = (error: MigrateError, context: ErrorContext, style: Style): string => {
  const { failed, line, column, excerpt } = { ...error.details, ...error.details.failed }
  const next = nextStep(error)
  const rows: Row[] = [
    ...(failed === undefined ? [] : serverRows(failed)),
    ...outcomeRows(error),
    ...(next === undefined ? [] : [['next', next] as const]),
  ]
  return lines(
    `${style.red(style.bold('Error:'))} ${printable(failed?.serverMessage ?? error.message)}`,
    ...(failed === undefined ? [] : [placeLine(failed, context.folder, style)]),
    ...(line === undefined || excerpt === undefined
      ? []
      : ['', ...renderExcerpt(excerpt, line, column ?? 1, style), '']),
    ...columns(rows.map(([label, text]) => [`  ${style.dim(label)}`, printable(text)])),
    ...(context.verbose ? ['', error.code, ...causes(error).map(printable)] : []),
  )
}
