import type { FailedStep, MigrateError, VersionState } from '@mig/core'
import { cut as cutText, pageLimits } from './presentable-error.ts'
import { stateReport } from '../reports/reports.ts'
import type { ChangedReport } from '../reports/verify-report.ts'
import { renderEffect } from './effect.ts'
import { renderState } from './result.ts'
import type { Style } from './style.ts'
import { count, field, join, lines, printable, shown, type Shown } from '@mig/app-kit/terminal'
import { columns, width } from './columns.ts'
import { renderDiff } from './verify.ts'

/** What the command line knows of an error besides the error. */
export interface ErrorContext {
  /** Folder of the migrations as messages write it. */
  readonly folder?: string | undefined
  readonly verbose: boolean
  /** What was changed in the files that the error is about. */
  readonly changed?: readonly ChangedReport[] | undefined
}

const longestExcerpt = 160

/** Some characters of a text, however long it is. */
const charactersOf = (text: string, start: number, length: number): readonly string[] => {
  const characters: string[] = []
  let index = 0
  for (const character of text) {
    if (index >= start) characters.push(character)
    if (characters.length === length) break
    index += 1
  }
  return characters
}

const visible = (character: string): Shown => (character === '\t' ? shown`\t` : field(character))

/** The line that failed and a caret below the column, cut around the column where the line is long. */
export const renderExcerpt = (
  excerpt: string,
  line: number,
  column: number,
  { dim, red, symbols }: Style,
): Shown[] => {
  const start = column > longestExcerpt - 20 ? column - longestExcerpt / 2 : 0
  const head = start > 0 ? symbols.ellipsis : shown``
  const characters = charactersOf(excerpt, start, longestExcerpt + 1)
  const cut = characters.slice(0, longestExcerpt)
  const tail = characters.length > longestExcerpt ? symbols.ellipsis : shown``
  // The caret's line repeats the tabs of the line above, or the caret would stand somewhere else.
  const before = join(
    cut
      .slice(0, column - 1 - start)
      .join('')
      .split(/(\t)/)
      .map((piece) => (piece === '\t' ? shown`\t` : blanks(field(piece)))),
  )
  const number = field(`${line}`)
  const text = join(cut.map(visible))
  return [
    shown`    ${dim(shown`${number} |`)} ${head}${text}${tail}`,
    shown`    ${dim(shown`${blanks(number)} |`)} ${blanks(head)}${before}${red(shown`^`)}`,
  ]
}

/** So many blanks as a text is wide. */
const blanks = (text: Shown): Shown => ' '.repeat(width(text)) as Shown

const placeOf = (failed: FailedStep, folder: string | undefined): string => {
  const file = failed.file ?? `version ${failed.version} ${failed.direction}`
  const path = folder === undefined || failed.file === undefined ? file : `${folder}/${file}`
  return failed.line === undefined ? path : `${path}:${failed.line}:${failed.column ?? 1}`
}

type Row = readonly [label: string, text: string]

const labelGap = 2

const placeLine = (failed: FailedStep, folder: string | undefined, { bold }: Style): Shown => {
  const { statement, statements } = failed
  const which =
    statement === undefined || statements === undefined
      ? shown``
      : shown`, statement ${statement} of ${statements}`
  return shown`  at ${bold(field(placeOf(failed, folder)))}${which}`
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

const repairDirty = 'See "mig doctor", fix the cause, then go on with "mig repair".'

/** What to do next, where the error itself does not say. */
const nextStep = ({ hint, details, code }: MigrateError): string | undefined => {
  const { failed, state } = details
  if (failed !== undefined && state?.dirty === true) {
    return `${hint === undefined ? '' : `${hint} `}${repairDirty}`
  }
  if (hint !== undefined) return hint
  if (state === null) return 'Look at "mig status" when the database answers again.'
  if (failed === undefined) return undefined
  return code === 'MIGRATION_FAILED'
    ? `Fix ${failed.file ?? 'the file'}, then run the command again.`
    : 'Run the command again to go on.'
}

const causes = (error: unknown): string[] => {
  const found: string[] = []
  for (let cause = error; cause instanceof Error; cause = cause.cause) {
    found.push(cause.stack ?? `${cause.name}: ${cause.message}`)
  }
  return found
}

/** Labels and texts in two columns. A text of several lines stays in its own. */
const renderRows = (rows: readonly Row[], { dim }: Style): readonly Shown[] => {
  const labels = rows.map(([label]) => shown`  ${dim(field(label))}`)
  const indent = ' '.repeat(Math.max(0, ...labels.map(width)) + labelGap)
  return columns(
    rows.map(([, text], index) => [labels[index] ?? shown``, printable(text, indent)]),
    ' '.repeat(labelGap),
  )
}

const messageIndent = ' '.repeat('Error: '.length)

/** An error as people read it: what, where, what it means for the database, what to do. */
export const renderError = (error: MigrateError, context: ErrorContext, style: Style): Shown => {
  const { failed, line, column, excerpt } = { ...error.details, ...error.details.failed }
  const next = nextStep(error)
  const rows: Row[] = [
    ...(failed === undefined ? [] : serverRows(failed)),
    ...outcomeRows(error),
    ...(next === undefined ? [] : [['next', next] as const]),
  ]
  const message = printable(failed?.serverMessage ?? error.message, messageIndent)
  return lines(
    shown`${style.red(style.bold(shown`Error:`))} ${message}`,
    ...(failed === undefined ? [] : [placeLine(failed, context.folder, style)]),
    ...(line === undefined || excerpt === undefined
      ? []
      : [shown``, ...renderExcerpt(excerpt, line, column ?? 1, style), shown``]),
    ...(context.changed ?? []).flatMap(({ diff }) => renderDiff(diff)),
    ...renderRows(rows, style),
    ...(context.verbose
      ? [
          shown``,
          field(error.code),
          ...causes(error).map((text) => printable(cutText(text, pageLimits), '  ')),
        ]
      : []),
  )
}
