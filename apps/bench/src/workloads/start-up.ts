import { access, writeFile } from 'node:fs/promises'
import { join } from 'node:path'
import type { Contender } from '../alternate.ts'
import type { BenchDatabaseKind, Target } from '../databases.ts'
import { benchDatabaseKinds } from '../databases.ts'
import { smallMigrations } from '../migrations.ts'
import { installPackedMig } from '../tools/packed-mig.ts'
import type { Workshop } from '../workshop.ts'
import type { Workload } from './workload.ts'

/** One file applied, the version asked for, and what of it is Node, loading and connecting. */
export const startUp: Workload = {
  id: 'version',
  title: 'Start-up: tell the version',
  databases: benchDatabaseKinds,
  delayMs: 0,
  operation: 'version',
  start: 'applied-once',
  count: 1,
  migrations: async (kind) => smallMigrations(1, kind),
  extras: startUpParts,
}

/** The name of the contender that everything else is compared with. */
export const emptyScript = 'an empty Node script'

async function startUpParts(workshop: Workshop, target: Target): Promise<readonly Contender[]> {
  const { folder, executables } = await installPackedMig(workshop)
  const mig = executables.get('mig')
  const parts: [string, readonly string[]][] = []
  for (const [name, file, text] of [
    [emptyScript, 'empty.mjs', ''],
    ['a Node script that loads the client', `load-${target.kind}.mjs`, loading[target.kind]],
    [
      'a Node script that connects and asks',
      `connect-${target.kind}.mjs`,
      loading[target.kind] + asking[target.kind],
    ],
  ] as const) {
    // Beside `mig`, where the clients are installed; the file is the same for every run.
    const script = join(folder, file)
    await writeFile(script, text)
    parts.push([name, [script, target.kind === 'sqlite' ? target.name : target.url]])
  }
  if (mig !== undefined) parts.push(['mig --version (loads its own file)', [mig, '--version']])
  return parts.map(([name, args]) => ({
    name,
    before: async () => {
      await access(args[0] ?? '')
      return { program: process.execPath, args, folder }
    },
    after: async () => null,
    end: async () => {},
  }))
}

const loadMysql = `import { createConnection } from 'mysql2/promise'\n`

const loading: Readonly<Record<BenchDatabaseKind, string>> = {
  postgres: `import pg from 'pg'\n`,
  mysql: loadMysql,
  mariadb: loadMysql,
  sqlite: `import Database from 'better-sqlite3'\n`,
}

const askMysql = `const connection = await createConnection({ uri: process.argv[2] })
await connection.query('SELECT version, dirty FROM schema_migrations')
await connection.end()
`

const asking: Readonly<Record<BenchDatabaseKind, string>> = {
  postgres: `const client = new pg.Client({ connectionString: process.argv[2] })
await client.connect()
await client.query('SELECT version, dirty FROM schema_migrations')
await client.end()
`,
  mysql: askMysql,
  mariadb: askMysql,
  sqlite: `const database = new Database(process.argv[2])
database.prepare('SELECT version, dirty FROM schema_migrations').all()
database.close()
`,
}
