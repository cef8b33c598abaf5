import { existsSync, mkdirSync, readFileSync, symlinkSync, writeFileSync } from 'node:fs'
import { dirname, join } from 'node:path'
import { testFolder } from '@mig/internal-testing'
import { cliFolder, runMig, type MigOptions, type MigRun } from './run-mig.ts'

/** The fixture plugin's database, as its driver writes it. */
export interface HelloDatabase {
  readonly version: string | null
  readonly dirty: boolean
  readonly objects: readonly string[]
  readonly lockedBy: string | null
}

/** A project in a folder of its own, with the fixture plugin as a dependency. */
export class Project {
  readonly folder: string
  readonly url: string

  constructor() {
    this.folder = testFolder('cli')
    this.url = `hello://me@host${join(this.folder, 'db.json')}`
    this.write('package.json', JSON.stringify({ devDependencies: { 'mig-plugin-hello': '*' } }))
    mkdirSync(join(this.folder, 'node_modules'))
    symlinkSync(
      join(cliFolder, 'test/fixtures/plugin-hello'),
      join(this.folder, 'node_modules/mig-plugin-hello'),
    )
  }

  /** Writes files, by path. */
  write(path: string, text: string, mode?: number): void {
    const whole = join(this.folder, path)
    mkdirSync(dirname(whole), { recursive: true })
    writeFileSync(whole, text, { mode })
  }

  /** Writes a file that is not a text. */
  writeBytes(path: string, bytes: readonly number[]): void {
    writeFileSync(join(this.folder, path), Uint8Array.from(bytes))
  }

  /** Writes migrations, by name without folder and `.sql`. */
  migrations(files: Readonly<Record<string, string>>): void {
    for (const [name, text] of Object.entries(files)) this.write(`migrations/${name}.sql`, text)
  }

  /** What the database holds. */
  get database(): HelloDatabase {
    return JSON.parse(readFileSync(join(this.folder, 'db.json'), 'utf8')) as HelloDatabase
  }

  set database(database: HelloDatabase) {
    this.write('db.json', JSON.stringify(database))
  }

  get hasDatabase(): boolean {
    return existsSync(join(this.folder, 'db.json'))
  }

  /** Runs `mig` here, on the project's database. */
  mig(argv: readonly string[], options: Partial<MigOptions> = {}): Promise<MigRun> {
    const env = { MIG_DATABASE: this.url, ...options.env }
    return runMig(argv, { cwd: this.folder, ...options, env })
  }
}

/** A project that goes away with the test. */
export const project = (files: Readonly<Record<string, string>> = threeMigrations): Project => {
  const made = new Project()
  made.migrations(files)
  return made
}

/** One transactional, one non-transactional and one more transactional migration. */
export const threeMigrations: Readonly<Record<string, string>> = {
  '000001_users.up': 'create users;',
  '000001_users.down': 'drop users;',
  '000002_pets.up': 'create pets;\noutside;\ncreate toys;',
  '000002_pets.down': 'drop toys; drop pets;',
  '000003_index.up': 'create index;',
  '000003_index.down': 'drop index;',
}
