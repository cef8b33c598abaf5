import { existsSync } from 'node:fs'
import { dirname, join } from 'node:path'
import type { DropInDescriptor, DropInModule } from '@mig/core/golang-migrate'
import { openStub } from './stub-drop-in.ts'

const stub: DropInModule = { openDropIn: async () => openStub() }

/** The drivers that come with mig. Written down here and not looked for: that takes longer than a migration. */
const bundled: readonly DropInDescriptor[] = [
  { schemes: ['stub'], load: async () => stub },
  {
    schemes: ['postgres', 'postgresql', 'pgx', 'pgx4', 'pgx5'],
    load: () => import('@mig/driver-postgres/golang-migrate'),
  },
  { schemes: ['mysql'], load: () => import('@mig/driver-mysql/golang-migrate') },
  { schemes: ['sqlite', 'sqlite3'], load: () => import('@mig/driver-sqlite/golang-migrate') },
]

const nearestPackage = (from: string): string | undefined => {
  for (let folder = from; ; folder = dirname(folder)) {
    if (existsSync(join(folder, 'package.json'))) return folder
    if (dirname(folder) === folder) return undefined
  }
}

const projectDropIns = async (cwd: string): Promise<readonly DropInDescriptor[]> => {
  const folder = nearestPackage(cwd)
  if (folder === undefined) return []
  const { dependencyDrivers } = await import('../discovery/dependency-drivers.ts')
  const { drivers } = await dependencyDrivers(folder, 'project')
  return drivers.flatMap(({ descriptor: { dropIn } }) => (dropIn === undefined ? [] : [dropIn]))
}

/** Loads the driver for a scheme: one that the project depends on, else one that comes with mig. */
export const findDropIn = async (
  scheme: string,
  cwd: string,
): Promise<DropInModule | undefined> => {
  const all = [...(await projectDropIns(cwd)), ...bundled]
  return await all.find(({ schemes }) => schemes.includes(scheme))?.load()
}

/** All schemes there are, each once. */
export const dropInSchemes = async (cwd: string): Promise<readonly string[]> => {
  const all = [...bundled, ...(await projectDropIns(cwd))]
  return [...new Set(all.flatMap(({ schemes }) => schemes))]
}
