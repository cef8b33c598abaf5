import { outOfOrderOf, type LedgerView } from '../ledger/ledger-view.ts'
import type { Migration, Version } from '../plan/migration.ts'
import type { ChangedFile, StatusEntry, StatusResult } from './results.ts'
import type { MigrationListing } from '../source/source.ts'
import { missingFiles } from './verify.ts'
import type { VersionState } from '../plan/version-state.ts'

/** What version row, ledger and files say of every version. Pure. */
export const status = (
  listing: MigrationListing,
  state: VersionState,
  view: LedgerView,
  changed: readonly ChangedFile[] = [],
): StatusResult => {
  const { version: versionTable, dirty } = state
  const { migrations } = listing
  const outOfOrderMigrations = new Set(
    outOfOrderOf(view, state, migrations).map(({ version }) => version),
  )
  const rewritten = new Set(changed.map(({ version }) => version))

  const entryOf = ({ version, up, down }: Migration, missing: boolean): StatusEntry => {
    const record = view.applied.get(version)
    const applied = versionTable !== null && version <= versionTable
    return {
      version,
      title: up?.title ?? down?.title ?? record?.title ?? '',
      status: outOfOrderMigrations.has(version) ? 'out-of-order' : applied ? 'applied' : 'pending',
      ...(up === undefined ? {} : { up: up.name }),
      ...(down === undefined ? {} : { down: down.name }),
      current: version === versionTable,
      missing,
      dirty: dirty && version === versionTable,
      changed: rewritten.has(version),
      irreversible: up !== undefined && down === undefined,
      ...(record === undefined || outOfOrderMigrations.has(version) ? {} : { record }),
    }
  }

  const absent = new Set<Version>(missingFiles(view, listing))
  if (versionTable !== null && !migrations.some(({ version }) => version === versionTable))
    absent.add(versionTable)
  const entries = [
    ...migrations.map((migration) => entryOf(migration, false)),
    ...Array.from(absent, (version) => entryOf({ version }, true)),
  ]
  if (absent.size > 0) entries.sort((a, b) => (a.version < b.version ? -1 : 1))
  const count = (matches: (entry: StatusEntry) => boolean): number => entries.filter(matches).length
  return {
    state,
    ledger: view.known,
    entries,
    pending: count((entry) => entry.status === 'pending' && !entry.missing),
    outOfOrder: outOfOrderMigrations.size,
    changed: rewritten.size,
    missing: absent.size,
    nearMisses: listing.nearMisses,
  }
}
