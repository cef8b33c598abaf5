import { readFile } from 'node:fs/promises'
import { join } from 'node:path'
import type { Workshop } from '../workshop.ts'
import { outputOf } from '../workshop.ts'

let installed: Promise<string> | undefined

/** Installs the packages of `peers/package.json` if they are not there, and gives the folder. */
export function installNpmPeers(workshop: Workshop): Promise<string> {
  installed ??= install(workshop)
  return installed
}

async function install({ bench, progress }: Workshop): Promise<string> {
  const folder = join(bench, 'peers')
  const { dependencies } = JSON.parse(await readFile(join(folder, 'package.json'), 'utf8')) as {
    dependencies: Readonly<Record<string, string>>
  }
  for (const [name, version] of Object.entries(dependencies)) {
    if ((await installedVersion(folder, name).catch(() => undefined)) === version) continue
    progress('installing the npm peers')
    // No install script may run: some packages download binaries in theirs.
    await outputOf(
      'npm',
      ['install', '--ignore-scripts', '--no-package-lock', '--no-audit', '--no-fund'],
      { folder },
    )
    break
  }
  return folder
}

/** The version of an installed package. */
export async function installedVersion(folder: string, name: string): Promise<string> {
  const manifest = await readFile(join(folder, 'node_modules', name, 'package.json'), 'utf8')
  return (JSON.parse(manifest) as { readonly version: string }).version
}
