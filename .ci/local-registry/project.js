// An empty folder that a user begins a project in, and what has to work there.
import { mkdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { run, runPatiently } from './run-command.js'

const config = `import { defineConfig } from '@mig/cli'

const file: string = 'app.db'

export default defineConfig({ database: \`sqlite://\${file}\` })
`

const program = `import { createMigrator } from '@mig/core'
import { sqliteDriver } from '@mig/driver-sqlite'

const migrator = await createMigrator({ source: './migrations', driver: sqliteDriver('program.db') })
try {
  const { steps } = await migrator.up()
  console.log(\`applied \${steps.map(({ version }) => version).join(', ')}\`)
} finally {
  await migrator.close()
}
`

/** Lines of a package manager that warn. */
const isWarning = (line) =>
  /\bwarn(?:ing)?\b|deprecated|unmet peer|missing peer|➤ YN00(?:02|60|86)/i.test(line)

/** Warnings that no package of ours causes, each with its reason. */
const foreignWarnings = [
  // Packages below mysql2 name Bun and Deno as engines, which Yarn 1 does not know; mysql2 has types as a peer.
  /^warning (?:lru\.min|sql-escaper)@\S+ The engine "(?:bun|deno)" appears to be invalid\.$/,
  /mysql2@\S+" has unmet peer dependency "@types\/node/,
  // What was asked for.
  /^warning Ignored scripts due to flag\.$/,
  // Yarn 4 names no package here: `expectPeers` looks at each.
  /YN0086/,
  // Yarn 1 under a Node that is newer than it.
  /DeprecationWarning: .*url\.parse|Use `node --trace-deprecation/,
]

/** pnpm 10 takes the sources that better-sqlite3 brings beside its binaries for something to build. */
const withoutIgnoredBuild = (output) =>
  output.replace(
    /╭ Warning ─+╮\n(?:│ +│\n)*│ +Ignored build scripts: better-sqlite3@[\d.]+\. +│\n[^╰]*╰─+╯/,
    '',
  )

export class Project {
  /** `environment` holds the path, the home folder and the registry's address. */
  constructor(folder, environment) {
    this.folder = folder
    this.env = { ...environment, MIG_DATA_DIR: join(folder, 'plugins') }
    mkdirSync(join(folder, 'migrations'), { recursive: true })
    const manifest = {
      name: 'app',
      version: '1.0.0',
      license: 'MIT',
      private: true,
      type: 'module',
    }
    this.write('package.json', JSON.stringify(manifest))
    this.write('mig.config.ts', config)
    this.write('program.js', program)
    this.write('migrations/000001_users.up.sql', 'CREATE TABLE users (id integer PRIMARY KEY);')
    this.write('migrations/000001_users.down.sql', 'DROP TABLE users;')
  }

  write(name, text) {
    writeFileSync(join(this.folder, name), text)
  }

  read(name) {
    return readFileSync(join(this.folder, name), 'utf8')
  }

  /** Has a package manager do something. Any warning that a package of ours is to blame for is a failure. */
  async install(...[file, ...args]) {
    const output = await runPatiently(file, args, { cwd: this.folder, env: this.env })
    const warnings = withoutIgnoredBuild(output)
      .split('\n')
      .filter((line) => isWarning(line) && !foreignWarnings.some((known) => known.test(line)))
    if (warnings.length > 0) {
      throw new Error(`"${[file, ...args].join(' ')}" warns:\n${warnings.join('\n')}`)
    }
  }

  /** Every peer that a package in the tree asks for is there, but for the types that mysql2 asks for. Yarn 4 knows. */
  async expectPeers() {
    const output = await run('yarn', ['explain', 'peer-requirements'], {
      cwd: this.folder,
      env: this.env,
    })
    const unmet = output.split('\n').filter((line) => line.includes('✘'))
    const others = unmet.filter((line) => !/@types\/node to mysql2@/.test(line))
    if (others.length > 0) throw new Error(`Peers that are not there:\n${others.join('\n')}`)
  }

  /** Forgets what is installed, and has it installed from the lock file. */
  async installAgain(command) {
    rmSync(join(this.folder, 'node_modules'), { recursive: true })
    await this.install(...command)
  }

  /** Runs a program of the project and looks for a text in what it prints. */
  async expect(wanted, [file, ...args], { env = {}, ends = 0 } = {}) {
    const local = join(this.folder, 'node_modules/.bin')
    const output = await run(file, args, {
      cwd: this.folder,
      env: { ...this.env, PATH: `${local}:${this.env.PATH}`, ...env },
      ends,
    })
    if (!wanted.test(output)) {
      throw new Error(`"${[file, ...args].join(' ')}" printed nothing like ${wanted}:\n${output}`)
    }
  }

  /** The command, the drop-in and a program, on SQLite. */
  async expectMigrations() {
    await this.expect(/000001/, ['mig', 'up'])
    await this.expect(/applied/, ['mig', 'status'])
    await this.expect(/^1$/m, ['mig', 'version'])
    await this.expect(/^1$/m, [
      'migrate',
      '-path',
      'migrations',
      '-database',
      'sqlite://app.db',
      'version',
    ])
    await this.expect(/000001/, ['mig', 'down'])
    await this.expect(/^none$/m, ['mig', 'version'])
    await this.expect(/^applied 1$/m, ['node', 'program.js'])
  }

  /** A plugin from the registry, with its command and its driver. */
  async expectPlugin(name, packageManager) {
    const install = [
      'mig',
      'plugins',
      'install',
      name,
      '--yes',
      '--package-manager',
      packageManager,
    ]
    await this.expect(new RegExp(`Installed ${name} `), install)
    await this.expect(/hello from a plugin/, ['mig', 'hello'])
    const database = `hello://me@host${join(this.folder, 'hello.json')}`
    this.write('migrations/000001_users.up.sql', 'create a;')
    await this.expect(/Applied 1 migration/, ['mig', 'up'], { env: { MIG_DATABASE: database } })
    await this.expect(new RegExp(`Removed ${name}`), ['mig', 'plugins', 'uninstall', name, '--yes'])
    await this.expect(/No plugins are installed/, ['mig', 'plugins'])
  }

  /** The types, as a strict project sees them that skips no check of libraries. */
  async expectTypes(source) {
    this.write('program.ts', source)
    const options = ['--strict', '--noEmit', '--target', 'es2022', '--lib', 'es2023']
    const more = ['--module', 'nodenext', '--skipLibCheck', 'false', '--types', 'node']
    await this.expect(/^$/, ['tsc', ...options, ...more, 'program.ts'])
  }
}

export { program }
