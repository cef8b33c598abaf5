import { mkdir, readdir, readFile, rm, writeFile } from 'node:fs/promises'
import { join } from 'node:path'
import type { Workshop } from '../workshop.ts'
import { outputOf } from '../workshop.ts'

/** `mig` as a user has it: packed, and installed in an empty folder. */
export interface PackedMig {
  readonly folder: string
  readonly version: string
  /** Script of each executable of `@mig/cli` and `@mig/migrate`. */
  readonly executables: ReadonlyMap<string, string>
}

interface Manifest {
  readonly name: string
  readonly version: string
  readonly private?: boolean
  readonly bin?: Readonly<Record<string, string>>
}

/** Kits for tests need a test runner as a peer; a user of the command does not install them. */
const notForUsers = ['@mig/testing', '@mig/driver-testkit']

const commands = ['@mig/cli', '@mig/migrate']

let installed: Promise<PackedMig> | undefined

/** Packs all public packages and installs them with npm. The packages must be built. */
export function installPackedMig(workshop: Workshop): Promise<PackedMig> {
  installed ??= packAndInstall(workshop)
  return installed
}

async function packAndInstall(workshop: Workshop): Promise<PackedMig> {
  const folder = join(workshop.cache, 'mig')
  const kept = workshop.keepMig && (await readInstalled(folder).catch(() => undefined))
  if (kept) return kept
  workshop.progress('packing and installing mig')
  await rm(folder, { recursive: true, force: true })
  const tarballs = join(folder, 'tarballs')
  await mkdir(tarballs, { recursive: true })

  const dependencies: Record<string, string> = {}
  const overrides: Record<string, string> = {}
  for (const { path, manifest } of await publicPackages(workshop.repository)) {
    const before = new Set(await readdir(tarballs))
    await outputOf('npx', ['-y', 'pnpm@12.20.0', 'pack', '--pack-destination', tarballs], {
      folder: path,
    })
    const [tarball = ''] = (await readdir(tarballs)).filter((file) => !before.has(file))
    if (notForUsers.includes(manifest.name)) continue
    const file = `file:./tarballs/${tarball}`
    // The commands alone are installed. What it asks for comes from here too: the registry may have none, or other ones.
    if (commands.includes(manifest.name)) dependencies[manifest.name] = file
    else overrides[manifest.name] = file
  }
  const project = { private: true, type: 'module', dependencies, overrides }
  await writeFile(join(folder, 'package.json'), JSON.stringify(project, null, 2))
  await outputOf('npm', ['install', '--no-audit', '--no-fund', '--loglevel=error'], { folder })
  return readInstalled(folder)
}

async function publicPackages(
  repository: string,
): Promise<readonly { path: string; manifest: Manifest }[]> {
  const found = []
  for (const group of ['packages', 'apps']) {
    for (const name of await readdir(join(repository, group))) {
      const path = join(repository, group, name)
      const manifest = await readManifest(path).catch(() => undefined)
      if (manifest !== undefined && manifest.private !== true) found.push({ path, manifest })
    }
  }
  return found
}

async function readManifest(folder: string): Promise<Manifest> {
  return JSON.parse(await readFile(join(folder, 'package.json'), 'utf8')) as Manifest
}

async function readInstalled(folder: string): Promise<PackedMig> {
  const executables = new Map<string, string>()
  let version = ''
  for (const name of commands) {
    const home = join(folder, 'node_modules', name)
    const manifest = await readManifest(home)
    ;({ version } = manifest)
    for (const [bin, path] of Object.entries(manifest.bin ?? {})) {
      executables.set(bin, join(home, path))
    }
  }
  return { folder, version, executables }
}
