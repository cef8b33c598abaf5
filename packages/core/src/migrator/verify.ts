import { outOfOrderOf, type LedgerView } from '../ledger/ledger-view.ts'
import type { Version } from '../plan/migration.ts'
import { checksumOf } from '../script/checksum.ts'
import type { ChangedFile, VerifyResult } from './results.ts'
import type { MigrationListing, Source } from '../source/source.ts'
import type { VersionState } from '../plan/version-state.ts'

const readAtOnce = 16

/** Applied versions whose file is not the one that ran. Reads every applied file that has a checksum on record. */
export const changedFiles = async (
  view: LedgerView,
  listing: MigrationListing,
  source: Source,
): Promise<readonly ChangedFile[]> => {
  const recorded = listing.migrations.flatMap(({ version, up }) => {
    const checksum = view.applied.get(version)?.checksum ?? null
    return up === undefined || checksum === null ? [] : [{ version, file: up.name, checksum }]
  })
  const changed: ChangedFile[] = []
  for (let start = 0; start < recorded.length; start += readAtOnce) {
    const part = recorded.slice(start, start + readAtOnce)
    const actual = await Promise.all(
      part.map(async ({ version }) => checksumOf(await source.read(version, 'up'))),
    )
    for (const [index, { version, file, checksum }] of part.entries()) {
      const found = actual[index] ?? ''
      if (found !== checksum) changed.push({ version, file, recorded: checksum, actual: found })
    }
  }
  return changed
}

/** Versions that the ledger calls applied and that have no file any more. Ascending. */
export const missingFiles = (view: LedgerView, listing: MigrationListing): readonly Version[] => {
  const present = new Set(listing.migrations.map(({ version }) => version))
  return [...view.applied.keys()]
    .filter((version) => !present.has(version))
    .toSorted((a, b) => (a < b ? -1 : 1))
}

/** Holds files, version row and ledger against each other. */
export const verify = async (
  view: LedgerView,
  state: VersionState,
  listing: MigrationListing,
  source: Source,
): Promise<VerifyResult> => {
  const { migrations } = listing
  const { version: versionTable } = state
  return {
    state,
    ledger: view.known,
    changed: await changedFiles(view, listing, source),
    outOfOrder: outOfOrderOf(view, state, migrations).map(({ version }) => version),
    missing: missingFiles(view, listing),
    ahead: versionTable !== null && !migrations.some(({ version }) => version === versionTable),
  }
}
