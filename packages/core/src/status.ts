import type { MigrationListing } from './source/source.ts'
import type { StatusEntry, StatusResult } from './results.ts'
import type { VersionState } from './version-state.ts'

/** What marker and files say of every version: everything at or below the marker is applied. Pure. */
export const status = (listing: MigrationListing, state: VersionState): StatusResult => {
  const { version: marker, dirty } = state
  const entries: StatusEntry[] = listing.migrations.map(({ version, up, down }) => ({
    version,
    title: up?.title ?? down?.title ?? '',
    status: marker !== null && version <= marker ? 'applied' : 'pending',
    ...(up === undefined ? {} : { up: up.name }),
    ...(down === undefined ? {} : { down: down.name }),
    missing: false,
    dirty: dirty && version === marker,
  }))
  if (marker !== null && !entries.some(({ version }) => version === marker)) {
    const place = entries.findIndex(({ version }) => version > marker)
    entries.splice(place === -1 ? entries.length : place, 0, {
      version: marker,
      title: '',
      status: 'applied',
      missing: true,
      dirty,
    })
  }
  return {
    state,
    entries,
    pending: entries.filter((entry) => entry.status === 'pending').length,
    nearMisses: listing.nearMisses,
  }
}
