import type { AcceptReport, VerifyReport } from '../reports/verify-report.ts'
import { renderState } from './result.ts'
import type { Style } from './style.ts'
import { field, lines, printable, shown, type Shown } from '@mig/app-kit/terminal'

/** What was changed in a file; nothing where that is not known. */
export const renderDiff = (diff: string | null): readonly Shown[] =>
  diff === null
    ? []
    : printable(diff)
        .trimEnd()
        .split('\n')
        .map((line) => `    ${line}` as Shown)

/** What was found, each with what to do about it. */
export const renderVerify = (report: VerifyReport, { red, green, dim, symbols }: Style): Shown => {
  const { state, changed, outOfOrder, missing, ahead } = report
  const bad = red(symbols.bad)
  return lines(
    ...changed.flatMap(({ version, file, diff }) => [
      shown`${bad} ${field(file)} was changed after it was applied`,
      ...renderDiff(diff),
      dim(
        shown`  Restore it and write a new migration, or: mig verify --accept ${field(version)} --reason TEXT`,
      ),
    ]),
    ...outOfOrder.flatMap((version) => [
      shown`${bad} Version ${field(version)} is below the database's version and was never applied`,
      dim(shown`  Give it a number above the newest one, or: mig up --out-of-order=apply`),
    ]),
    ...missing.flatMap((version) => [
      shown`${bad} Version ${field(version)} was applied and has no file`,
      dim(shown`  Bring the file back, or check --path.`),
    ]),
    ...(ahead
      ? [
          shown`${bad} The database is at version ${renderState(state)}, and no file has that version`,
          dim(
            shown`  Deploy the files of that version; a newer release may have been here before.`,
          ),
        ]
      : []),
    ...(report.ledger
      ? []
      : [shown`There is no ledger that can be read, so changes and order are not known.`]),
    ...(report.sound ? [shown`${green(symbols.done)} Files, version and ledger agree.`] : []),
  )
}

/** What was put on record. */
export const renderAccepted = ({ file, version, reason }: AcceptReport): Shown =>
  lines(
    shown`Accepted: ${field(file)} as it is now is version ${field(version)} (${field(reason)}).`,
  )
