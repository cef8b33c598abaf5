import { mkdtemp, rm, writeFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'

/** A folder of migrations that is deleted in the end. */
export interface MigrationFolder {
  readonly path: string
  [Symbol.asyncDispose](): Promise<void>
}

/** Writes `count` migrations, numbered from 1. */
export const migrationFolder = async (
  count: number,
  script: (version: number) => { readonly up: string; readonly down?: string },
): Promise<MigrationFolder> => {
  const path = await mkdtemp(join(tmpdir(), 'mig-crash-'))
  for (let version = 1; version <= count; version++) {
    const { up, down } = script(version)
    const name = join(path, `${String(version).padStart(6, '0')}_step`)
    await writeFile(`${name}.up.sql`, up)
    if (down !== undefined) await writeFile(`${name}.down.sql`, down)
  }
  return { path, [Symbol.asyncDispose]: () => rm(path, { recursive: true, force: true }) }
}
