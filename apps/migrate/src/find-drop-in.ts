import { toError, type DropInDescriptor, type DropInModule } from '@mig/golang-migrate'
import { writeError } from './log.ts'
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

/** golang-migrate runs no code of the folder it stands in, so neither does what takes its place, unless it is told to. */
const wantsProjectDrivers = (): boolean => process.env['MIGRATE_PROJECT_DRIVERS'] === '1'

const projectDropIns = async (cwd: string): Promise<readonly DropInDescriptor[]> => {
  if (!wantsProjectDrivers()) return []
  const [{ distrustFrom }, { projectFolders }, { dependencyDrivers }] = await Promise.all([
    import('@mig/app-kit/trust'),
    import('@mig/app-kit/trust'),
    import('@mig/app-kit/discovery'),
  ])
  const distrust = distrustFrom(cwd)
  const { folders, passedOver } = projectFolders(cwd, distrust)
  if (passedOver !== undefined) writeError(`${passedOver}\n`)
  const found = await dependencyDrivers(folders.at(-1) ?? cwd, 'project', distrust)
  for (const { package: name, error } of found.failures) {
    writeError(`The driver of ${name} cannot be loaded: ${toError(error).message}\n`)
  }
  return found.drivers.flatMap(({ descriptor: { dropIn } }) =>
    dropIn === undefined ? [] : [dropIn],
  )
}

/** Loads the driver for a scheme: one that the project depends on, if those are asked for, else one that comes with mig. */
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
