import { readdirSync, readFileSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { expect, test } from 'vitest'
import { project } from './support/project.ts'
import { spawnMig, type ProcessEnd } from './support/spawn-mig.ts'

/** The depth that code was kept at: its file's first byte. */
const depths = { look: 1, steps: 2 }

interface KeptFile {
  readonly path: string
  readonly content: Buffer
}

interface Started {
  readonly run: (...argv: readonly string[]) => Promise<ProcessEnd>
  /** The same, while the engine goes through its memory at every turn. */
  readonly runCollecting: (...argv: readonly string[]) => Promise<ProcessEnd>
  /** The files of compiled code of one command. */
  readonly kept: (command: string) => readonly KeptFile[]
}

const start = (): Started => {
  const app = project()
  const cache = join(app.folder, 'cache')
  const env = { NODE_COMPILE_CACHE: cache, MIG_DATABASE: app.url }
  return {
    run: (...argv) => spawnMig(argv, { cwd: app.folder, env }),
    runCollecting: (...argv) => {
      const collect = 'data:text/javascript,const next=()=>{gc();setImmediate(next).unref()};next()'
      return spawnMig(argv, { cwd: app.folder, env, node: ['--expose-gc', '--import', collect] })
    },
    kept: (command) =>
      readdirSync(cache, { recursive: true, encoding: 'utf8' })
        .filter((name) => /\bmig-[0-9a-f]{32}-/.test(name) && name.endsWith(`-${command}`))
        .map((name) => join(cache, name))
        .map((path) => ({ path, content: readFileSync(path) })),
  }
}

test('the code of a command is kept at its second start, and used from the third', async () => {
  const { run, kept } = start()
  const first = await run('version')
  expect(first).toMatchObject({ code: 0, stderr: '' })
  expect(kept('version').map(({ content }) => content.length)).toEqual([0])
  expect(await run('version')).toEqual(first)
  const written = kept('version')
  expect(written.map(({ content }) => content[0])).toEqual([depths.look])
  expect(await run('version')).toEqual(first)
  expect(kept('version'), 'accepted, and so not written again').toEqual(written)
  expect(kept('up')).toEqual([])
})

test('a run of migrations keeps more than one with nothing to do, and not the other way round', async () => {
  const { run, kept } = start()
  const depth = (): (number | undefined)[] => kept('up').map(({ content }) => content[0])
  await run('up')
  await run('up')
  expect(depth()).toEqual([depths.look])
  expect(await run('down', '--all', '--yes')).toMatchObject({ code: 0 })
  expect(await run('up')).toMatchObject({ code: 0 })
  expect(depth()).toEqual([depths.steps])
  await run('up')
  expect(depth()).toEqual([depths.steps])
})

test('a run in which the engine threw code away keeps nothing', async () => {
  const { run, runCollecting, kept } = start()
  expect(await runCollecting('up')).toMatchObject({ code: 0 })
  expect(kept('up')).toEqual([])
  await run('down', '--all', '--yes')
  expect(await run('up')).toMatchObject({ code: 0 })
  expect(kept('up')).toHaveLength(1)
})

test('a command that failed keeps nothing', async () => {
  const { run, kept } = start()
  for (let i = 0; i < 2; i++) expect(await run('goto', '99')).toMatchObject({ code: 1 })
  expect(kept('goto')).toEqual([])
})

test.each([
  ['nothing that V8 knows', (content: Buffer) => Buffer.alloc(content.length, 7)],
  ['the code of another version of V8', (content: Buffer) => content.fill(7, 12, 16)],
  ['the beginning of the code', (content: Buffer) => content.subarray(0, content.length / 2)],
])('a file with %s is passed over and written again', async (_what, spoil) => {
  const { run, kept } = start()
  await run('version')
  const good = await run('version')
  const written = kept('version')
  for (const { path, content } of written) writeFileSync(path, spoil(Buffer.from(content)))
  expect(await run('version')).toEqual(good)
  const again = kept('version')
  expect(again.map(({ content }) => content[0])).toEqual([depths.look])
  expect(await run('version')).toEqual(good)
  expect(kept('version'), 'accepted').toEqual(again)
})

test('where nothing can be kept, commands work as ever', async () => {
  const app = project()
  const inTheWay = join(app.folder, 'file')
  writeFileSync(inTheWay, '')
  for (const env of [
    { NODE_COMPILE_CACHE: inTheWay },
    { NODE_COMPILE_CACHE: join(app.folder, 'cache'), NODE_DISABLE_COMPILE_CACHE: '1' },
  ]) {
    const all = { ...env, MIG_DATABASE: app.url }
    for (let i = 0; i < 2; i++) {
      const run = await spawnMig(['version'], { cwd: app.folder, env: all })
      expect(run).toMatchObject({ code: 0, stderr: '' })
    }
  }
  expect(readdirSync(app.folder)).not.toContain('cache')
})
