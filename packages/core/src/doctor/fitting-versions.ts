import type { Driver } from '../driver/driver.ts'
import type { InspectedStatement } from '../driver/inspection.ts'
import type { Version } from '../plan/migration.ts'
import type { MigrationListing, Source } from '../source/source.ts'
import type { StatementList } from '../script/statement.ts'
import { CatalogModel } from './catalog-model.ts'

/** Something that the catalog shows otherwise than a database at some version would have it. */
export interface Misfit {
  readonly version: Version
  readonly file: string
  /** What it is and what it is called: `table users`. */
  readonly label: string
  /** Whether it is there. It should be the other way round. */
  readonly shown: boolean
  /** The file is above the version asked about. */
  readonly later: boolean
}

interface File {
  readonly version: Version
  readonly name: string
  /** Number of statements up to its end. */
  readonly end: number
}

/** What the catalog shows of the objects that the files of a folder make and remove. */
export class FittingVersions {
  readonly #files: readonly File[]
  readonly #model: CatalogModel
  readonly #length: number

  constructor(files: readonly File[], statements: readonly InspectedStatement[]) {
    this.#files = files
    this.#model = new CatalogModel(statements, { longHistory: true })
    this.#length = statements.length
  }

  /** What speaks against the database being at a version (`null`: nothing applied), in the order of the files. */
  misfits(version: Version | null): readonly Misfit[] {
    const done = this.#files.findLast((file) => version !== null && file.version <= version)?.end
    return this.#model
      .contradictions(done ?? 0, this.#length)
      .toSorted((a, b) => a.statement - b.statement)
      .flatMap(({ label, shown, statement }) => {
        const file = this.#files.find(({ end }) => statement <= end)
        if (file === undefined) return []
        const { version: at, name } = file
        return [{ version: at, file: name, label, shown, later: statement > (done ?? 0) }]
      })
  }

  /** The versions that nothing speaks against, `null` for an empty database. Ascending. */
  all(): readonly (Version | null)[] {
    const versions: readonly (Version | null)[] = [null, ...this.#files.map((file) => file.version)]
    return versions.filter((version) => this.misfits(version).length === 0)
  }
}

const mostAtOnce = 100
const mostCharactersAtOnce = 1_000_000

/** Reads all up files and looks in the catalog for what they make and remove. Nothing where the driver cannot. */
export const lookForVersions = async (
  driver: Driver,
  source: Source,
  { migrations }: MigrationListing,
): Promise<FittingVersions | undefined> => {
  if (driver.inspect === undefined) return undefined
  const files: File[] = []
  const statements: InspectedStatement[] = []
  let scripts: StatementList[] = []
  let characters = 0
  const ask = async (): Promise<void> => {
    if (scripts.length === 0) return
    const found = await driver.inspect?.({ scripts })
    for (const script of found?.scripts ?? []) {
      for (const statement of script) statements.push(withoutNotes(statement))
    }
    scripts = []
    characters = 0
  }
  let end = 0
  for (const { version, up } of migrations) {
    if (up === undefined) continue
    const script = new TextDecoder().decode(await source.read(version, 'up'))
    const { statements: list, problem } = driver.split(script)
    // What cannot be cut cannot be read either: the rest of the file may do anything.
    if (problem === undefined) scripts.push(list)
    else {
      await ask()
      statements.push({ objects: [], unreadable: true })
    }
    end += problem === undefined ? list.length : 1
    files.push({ version, name: up.name, end })
    characters += script.length
    if (scripts.length >= mostAtOnce || characters >= mostCharactersAtOnce) await ask()
  }
  await ask()
  return new FittingVersions(files, statements)
}

const withoutNotes = ({ objects, unreadable }: InspectedStatement): InspectedStatement =>
  unreadable === true ? { objects, unreadable } : { objects }
