import type { AcceptReport, VerifyReport } from '../verify-report.ts'
import { renderState } from './result.ts'
import type { Style } from './style.ts'
import { lines, printable } from './text.ts'

/** What was changed in a file; nothing where that is not known. */
export const renderDiff = (diff: string | null): readonly string[] =>
  diff === null
    ? []
    : printable(diff)
        .trimEnd()
        .split('\n')
        .map((line) => `    ${line}`)

/** What was found, each with what to do about it. */
export const renderVerify = (report: VerifyReport, { red, green, dim, symbols }: Style): string => {
  const { state, changed, outOfOrder, missing, ahead } = report
  const bad = red(symbols.bad)
  return lines(
    ...changed.flatMap(({ version, file, diff }) => [
      `${bad} ${file} was changed after it was applied`,
      ...renderDiff(diff),
      dim(
        `  Restore it and write a new migration, or: mig verify --accept ${version} --reason TEXT`,
      ),
    ]),
    ...outOfOrder.flatMap((version) => [
      `${bad} Version ${version} is below the database's version and was never applied`,
      dim('  Give it a number above the newest one, or: mig up --out-of-order=apply'),
    ]),
    ...missing.flatMap((version) => [
      `${bad} Version ${version} was applied and has no file`,
      dim('  Bring the file back, or check --path.'),
    ]),
    ...(ahead
      ? [
          `${bad} The database is at version ${renderState(state)}, and no file has that version`,
          dim('  Deploy the files of that version; a newer release may have been here before.'),
        ]
      : []),
    ...(report.ledger
      ? []
      : ['There is no ledger that can be read, so changes and order are not known.']),
    ...(report.sound ? [`${green(symbols.done)} Files, version and ledger agree.`] : []),
  )
}

/** What was put on record. */
export const renderAccepted = ({ file, version, reason }: AcceptReport): string =>
  lines(`Accepted: ${file} as it is now is version ${version} (${printable(reason)}).`)
