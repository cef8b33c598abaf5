import { readFile } from 'node:fs/promises'
import { join } from 'node:path'
import type { AcceptResult, ChangedFile, VerifyResult } from '@mig/core'
import type { FindOldText } from '../git/find-old-text.ts'
import { stateReport, type StateReport } from './reports.ts'

/** A file that is not the one that was applied. */
export interface ChangedReport {
  readonly version: string
  readonly file: string
  readonly recorded: string
  readonly actual: string
  /** The text that was applied and the text that is there now, where git knows the old one. */
  readonly diff: string | null
}

/** What `mig verify` found. */
export interface VerifyReport {
  readonly accepted: false
  readonly database: string
  readonly state: StateReport
  /** Nothing is wrong. */
  readonly sound: boolean
  readonly ledger: boolean
  readonly changed: readonly ChangedReport[]
  readonly outOfOrder: readonly string[]
  readonly missing: readonly string[]
  readonly ahead: boolean
}

/** What `mig verify --accept` put on record. */
export interface AcceptReport {
  readonly accepted: true
  readonly database: string
  readonly version: string
  readonly file: string
  readonly recorded: string | null
  readonly actual: string
  readonly reason: string
}

/** Where the files are, and who knows how they were. */
export interface OldTexts {
  readonly folder: string
  readonly findOldText: FindOldText
  /** Hides the secrets in the text of a file. */
  readonly redact: (text: string) => string
}

const diffOf = async (
  file: string,
  recorded: string,
  { folder, findOldText, redact }: OldTexts,
): Promise<string | null> => {
  const path = join(folder, file)
  const old = await findOldText(path, recorded)
  if (old === undefined) return null
  const { createTwoFilesPatch } = await import('diff')
  const now = await readFile(path, 'utf8')
  return createTwoFilesPatch(file, file, redact(old), redact(now), 'as applied', 'now')
}

/** Changed files, each with what was changed. */
export const changedReports = async (
  files: readonly ChangedFile[],
  texts: OldTexts,
): Promise<readonly ChangedReport[]> => {
  const changed: ChangedReport[] = []
  for (const { version, file, recorded, actual } of files) {
    const diff = await diffOf(file, recorded, texts)
    changed.push({ version: version.toString(), file, recorded, actual, diff })
  }
  return changed
}

/** What was found, as it is reported. */
export const verifyReport = async (
  database: string,
  result: VerifyResult,
  texts: OldTexts,
): Promise<VerifyReport> => {
  const changed = await changedReports(result.changed, texts)
  const outOfOrder = result.outOfOrder.map(String)
  const missing = result.missing.map(String)
  return {
    accepted: false,
    database,
    state: stateReport(result.state),
    sound: !result.ahead && changed.length + outOfOrder.length + missing.length === 0,
    ledger: result.ledger,
    changed,
    outOfOrder,
    missing,
    ahead: result.ahead,
  }
}

/** An acceptance as it is reported. */
export const acceptReport = (
  database: string,
  { version, file, recorded, accepted }: AcceptResult,
  reason: string,
): AcceptReport => ({
  accepted: true,
  database,
  version: version.toString(),
  file,
  recorded,
  actual: accepted,
  reason,
})
