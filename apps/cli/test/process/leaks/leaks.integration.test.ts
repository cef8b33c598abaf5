import { execFile } from 'node:child_process'
import { rmSync } from 'node:fs'
import { join } from 'node:path'
import { expect, test } from 'vitest'
import { runsAtDepth } from '../../support/depth.ts'
import { Project } from '../../support/project.ts'
import { cliFolder } from '../../support/run-mig.ts'
import { spawnMig } from '../../support/spawn-mig.ts'
import { chance, drawCase, halves, type LeakCase } from './cases.ts'
import { echoServer } from './echo-server.ts'

const runs = runsAtDepth({ quick: 20, ci: 40, full: 300 })
const seed = Number(process.env['MIG_TEST_SEED'] ?? 20_261_130)

type Run = (app: Project, drawn: LeakCase, port: number) => Promise<string>

const mig: Run = async (app, { argv, env }) => {
  const run = await spawnMig(argv, { cwd: app.folder, env: { ...env, DEBUG: '*' } })
  return run.stdout + run.stderr
}

/** The drop-in with the same value, and with the password where its clients look for one. */
const migrate: Run = async (app, { value, password, env }, port) => {
  const url = `postgres://me@127.0.0.1:${port}/db?sslmode=disable`
  const command = [join(cliFolder, '../migrate/bin/migrate.js'), '-verbose', '-path', 'migrations']
  const outputs = [
    [...command, '-database', value, 'version'],
    [...command, '-database', url, 'version'],
    [...command, '-source', value, '-database', 'stub://', 'version'],
  ].map(
    (args) =>
      new Promise<string>((done) => {
        const given = {
          PGPASSFILE: env['PGPASSFILE'],
          PGPASSWORD: env['PGPASSFILE'] ? undefined : password,
        }
        const options = {
          cwd: app.folder,
          env: { PATH: process.env['PATH'], ...given, DEBUG: '*' },
        }
        execFile(process.execPath, args, options, (_, stdout, stderr) => done(stdout + stderr))
      }),
  )
  return (await Promise.all(outputs)).join('')
}

test.each([
  ['mig', mig],
  ['migrate', migrate],
] as const)(
  `no process of %s shows a piece of a password (${runs} runs, seed ${seed})`,
  { timeout: 60_000 + runs * 4000 },
  async (_, run) => {
    const server = await echoServer()
    const next = chance(seed)
    const leaks: string[] = []
    for (let count = 0; count < runs; count++) {
      const app = new Project()
      try {
        const drawn = drawCase(app, next, server.port)
        const output = await run(app, drawn, server.port)
        if (halves.some((half) => output.includes(half))) leaks.push(`${drawn.label}\n${output}`)
      } finally {
        rmSync(app.folder, { recursive: true, force: true })
      }
    }
    server.close()
    expect(leaks.slice(0, 10).join('\n\n')).toBe('')
  },
)
