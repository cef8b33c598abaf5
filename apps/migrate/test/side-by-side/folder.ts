import { mkdirSync, rmSync, symlinkSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import type { DatabaseKind } from '@mig/testing'
import { downScript, upScript } from './bodies.ts'
import type { Random } from '@mig/internal-testing'

/** A folder as data: what each file holds. Printed when a step fails. */
export interface Folder {
  readonly files: ReadonlyMap<string, string>
  readonly folders: readonly string[]
  /** Links to nowhere. */
  readonly links: readonly string[]
  /** Versions with at least one readable file, ascending. */
  readonly versions: readonly bigint[]
}

const titles: readonly [string, ...string[]] = [
  'init', 'add_users', 'a.b.c', 'f-o_ob+ar', 'with space', 'ünïcödé', '', 'x.up', '100%', 'a#b', "it's", 'UPPER',
] // prettier-ignore

const junk: readonly [string, ...string[]] = [
  'README.md', 'schema.sql', '1.up.sql', 'V1__x.sql', '-1_neg.up.sql', '7_up.sql', '7_x.up', '3_x.UP.sql', '.gitkeep',
  '99999999999999999999_big.up.sql', 'notes.up.sql~',
] // prettier-ignore

const firstVersion = (random: Random): bigint =>
  random.weighted([
    [6, () => 1n],
    [1, () => 0n],
    [2, () => BigInt(1 + random.below(20))],
    [2, () => 20_200_101_000_000n + BigInt(random.below(1000))],
    [1, () => 9_223_372_036_854_775_700n],
  ])()

const nextVersion = (version: bigint, random: Random): bigint =>
  version + (random.chance(0.7) ? 1n : BigInt(1 + random.below(9)))

/** A random folder of migrations. */
export const randomFolder = (kind: DatabaseKind, random: Random): Folder => {
  const files = new Map<string, string>()
  const folders: string[] = []
  const links: string[] = []
  const versions: bigint[] = []
  const count = random.chance(0.03) ? 0 : 2 + random.below(9)
  let version = firstVersion(random)
  for (let index = 0; index < count; index++, version = nextVersion(version, random)) {
    const digits = random.chance(0.2) ? version.toString().padStart(6, '0') : version.toString()
    const table = `t_${version}`
    const [title, downTitle] = [random.pick(titles), random.pick(titles)]
    const extension = random.weighted([[12, 'sql'], [1, 'sql.bak'], [1, ''], [1, 'SQL']]) // prettier-ignore
    const [hasUp, hasDown] = [random.chance(0.92), random.chance(0.85)]
    if (hasUp) files.set(`${digits}_${title}.up.${extension}`, upScript(kind, table, random))
    if (hasDown) {
      const name = random.chance(0.8) ? title : downTitle
      files.set(`${digits}_${name}.down.${extension}`, downScript(kind, table, random))
    }
    if (hasUp || hasDown) versions.push(version)
  }
  if (random.chance(0.3)) files.set(random.pick(junk), 'junk')
  if (random.chance(0.1)) folders.push('5_folder.up.sql')
  if (random.chance(0.06)) links.push(`${version}_dangling.up.sql`)
  if (random.chance(0.03) && versions[0] !== undefined) {
    files.set(`${versions[0]}_twice.up.sql`, 'SELECT 1;').set(`0${versions[0]}_twice.up.sql`, '')
  }
  return { files, folders, links, versions }
}

/** Writes the folder anew. */
export const writeFolder = (path: string, { files, folders, links }: Folder): void => {
  rmSync(path, { recursive: true, force: true })
  mkdirSync(path, { recursive: true })
  for (const [name, script] of files) writeFileSync(join(path, name), script)
  for (const name of folders) mkdirSync(join(path, name))
  for (const name of links) symlinkSync('/nowhere/at/all', join(path, name))
}

/** One script written anew, as somebody does who repairs a broken migration; or a file gone, as after a change of branch. */
export const changeFolder = (folder: Folder, kind: DatabaseKind, random: Random): Folder => {
  const names = [...folder.files.keys()].filter((name) => /^\d+_.*\.(?:up|down)\./.test(name))
  const name = names[random.below(names.length)]
  if (name === undefined) return folder
  const files = new Map(folder.files)
  const version = BigInt(/^\d+/.exec(name)?.[0] ?? 0)
  if (random.chance(0.1)) files.delete(name)
  else if (name.includes('.up.')) files.set(name, upScript(kind, `t_${version}`, random))
  else files.set(name, downScript(kind, `t_${version}`, random))
  const versions = folder.versions.filter((candidate) =>
    [...files.keys()].some(
      (file) => /^\d+(?=_)/.test(file) && BigInt(/^\d+/.exec(file)?.[0] ?? 0) === candidate,
    ),
  )
  return { ...folder, files, versions }
}
