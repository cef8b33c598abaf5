import { spawnSync } from 'node:child_process'
import {
  chmodSync,
  chownSync,
  cpSync,
  linkSync,
  lstatSync,
  mkdirSync,
  mkdtempSync,
  readdirSync,
  readFileSync,
  rmSync,
  statSync,
  symlinkSync,
  utimesSync,
  writeFileSync,
} from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterAll, beforeAll, beforeEach, describe, expect, test } from 'vitest'
import { cliFolder } from '../../support/run-mig.ts'
import { forgeEntry, planted, type CacheEntry } from './forged-entry.ts'
import { addUser, noUsers, removeUser, type TestUser } from './two-users.ts'

/** One of the executables, and a command line of it that needs nothing but its own first file. Paths below `apps`. */
const executables = [
  {
    app: 'cli',
    bin: 'cli/bin/run.js',
    file: 'cli/dist/bundle/mig.cjs',
    args: ['--version'],
    prints: '@mig/cli/',
  },
  {
    app: 'migrate',
    bin: 'migrate/bin/migrate.js',
    file: 'migrate/dist/bundle/migrate.cjs',
    args: ['-version'],
    prints: '4.20.0',
  },
] as const

interface Start {
  readonly bin: (typeof executables)[number]
  readonly as: number
  readonly env: Readonly<Record<string, string>>
  readonly cwd: string
  readonly mask?: string
}

describe.skipIf(noUsers !== undefined)(`the compile cache (${noUsers ?? 'two users'})`, () => {
  let work: string
  let node: string
  let apps: string
  let other: TestUser
  let victim: TestUser
  let forged: ReadonlyMap<(typeof executables)[number], CacheEntry>
  /** A fresh folder for each test that everybody may write to, as /tmp is. */
  let shared: string
  let count = 0

  beforeAll(() => {
    other = addUser('other')
    victim = addUser('victim')
    work = mkdtempSync(join(tmpdir(), 'mig-two-users-'))
    chmodSync(work, 0o755)
    // Where both users can read it: a checkout may lie in a folder that is closed to others.
    node = join(work, 'node')
    cpSync(process.execPath, node)
    apps = join(work, 'apps')
    for (const { app } of executables) {
      for (const part of ['bin', 'dist/bundle', 'package.json']) {
        cpSync(join(cliFolder, '..', app, part), join(apps, app, part), { recursive: true })
      }
    }
    forged = new Map(
      executables.map((executable, index) => {
        const { bin, file, args } = executable
        const argv = [join(apps, bin), ...args]
        return [executable, forgeEntry(node, argv, join(apps, file), join(work, `forge-${index}`))]
      }),
    )
  })

  afterAll(() => {
    rmSync(work, { recursive: true, force: true })
    removeUser(other)
    removeUser(victim)
  })

  beforeEach(() => {
    shared = join(work, `shared-${(count += 1)}`)
    mkdirSync(shared)
    chmodSync(shared, 0o1777)
  })

  const folder = (path: string, owner: number, mode: number): string => {
    mkdirSync(path)
    chmodSync(path, mode)
    chownSync(path, owner, owner)
    return path
  }

  /** The folder that Node has in a cache, named for the user whose it is. */
  const nodeFolder = (entry: CacheEntry, user: number): string =>
    entry.folder.replace(/-\d+$/, `-${user}`)

  /** Puts the forged entry of an executable into a cache, where Node looks for it when the user starts it. */
  const plant = (
    cache: string,
    start: Pick<Start, 'bin' | 'as'>,
    owner: number,
    mode = 0o755,
  ): string => {
    const entry = forged.get(start.bin)
    if (entry === undefined) throw new Error('no entry was forged')
    const file = join(folder(join(cache, nodeFolder(entry, start.as)), owner, mode), entry.name)
    writeFileSync(file, entry.bytes)
    chmodSync(file, mode & 0o666)
    chownSync(file, owner, owner)
    return file
  }

  /** A whole cache of mig's with the forged entry in it. */
  const plantCache = (
    caches: string,
    start: Pick<Start, 'bin' | 'as'>,
    owner: number,
    mode = 0o755,
  ): string => {
    const mig = folder(join(caches, 'mig'), owner, mode)
    return plant(folder(join(mig, 'compile-cache'), owner, mode), start, owner, mode)
  }

  const run = ({ bin, as, env, cwd, mask = '022' }: Start): string => {
    const argv = ['-c', `umask ${mask}; exec "$@"`, 'sh', node, join(apps, bin.bin), ...bin.args]
    const home = { HOME: cwd, TMPDIR: shared, LANG: 'C.UTF-8', PATH: '/usr/bin:/bin' }
    const ended = spawnSync('/bin/sh', argv, {
      cwd,
      encoding: 'utf8',
      env: { ...home, ...env },
      uid: as,
      gid: as,
    })
    expect(ended.status, ended.stderr).toBe(0)
    return ended.stdout + ended.stderr
  }

  /** All that lies in a folder, with owners, rights and content. */
  const listing = (path: string): readonly string[] => {
    const { uid, mode } = lstatSync(path)
    const line = `${path} ${uid} ${mode.toString(8)}`
    if (lstatSync(path).isSymbolicLink()) return [line]
    if (!statSync(path).isDirectory()) return [`${line} ${readFileSync(path).toString('base64')}`]
    return [line, ...readdirSync(path).flatMap((name) => listing(join(path, name)))]
  }

  const longAgo = new Date('2020-01-01T00:00:00Z')
  const isRead = (file: string): boolean => statSync(file).atimeMs !== longAgo.getTime()

  /** Starts an executable where an entry is planted: nothing of it is run, read, changed or added to. */
  const expectIgnored = (file: string, start: Start): void => {
    const before = listing(shared)
    utimesSync(file, longAgo, new Date())
    for (const mask of ['022', '000']) {
      expect(run({ ...start, mask }).startsWith(start.bin.prints)).toBe(true)
    }
    expect(isRead(file), 'the planted file is read').toBe(false)
    expect(listing(shared)).toEqual(before)
  }

  const cases = executables.flatMap((bin) => [
    { bin, command: bin.bin, who: 'root', isRoot: true },
    { bin, command: bin.bin, who: 'a user', isRoot: false },
  ])
  const userOf = (isRoot: boolean): number => (isRoot ? 0 : victim.id)
  /** A home folder that is the user's own and closed to others, beside the shared folder. */
  const homeOf = (user: number): string => folder(join(work, `home-${count}`), user, 0o700)

  describe.each(cases)('$command as $who', ({ bin, isRoot }) => {
    const start = (env: Readonly<Record<string, string>> = {}, cwd?: string): Start => {
      const as = userOf(isRoot)
      return { bin, as, env, cwd: cwd ?? homeOf(as) }
    }

    test('a forged entry is run where the user alone could have put it, and read', () => {
      const ours = start()
      const caches = folder(join(ours.cwd, '.cache'), ours.as, 0o755)
      const file = plantCache(caches, ours, ours.as, 0o700)
      utimesSync(file, longAgo, new Date())
      expect(run(ours)).toBe(planted)
      expect(isRead(file), 'the file system keeps times of access').toBe(true)
    })

    test.each(['022', '000'])('a cache of its own is private and used, umask %s', (mask) => {
      const ours = start()
      const prints = run({ ...ours, mask })
      const kept = listing(join(ours.cwd, '.cache'))
      const modes = kept.map((line) => line.split(' ')[2])
      expect(new Set(kept.map((line) => line.split(' ')[1]))).toEqual(new Set([String(ours.as)]))
      expect(new Set(modes)).toEqual(new Set(['40700', '100600']))
      expect(kept.length).toBeGreaterThan(4)
      expect(run({ ...ours, mask })).toBe(prints)
      expect(listing(join(ours.cwd, '.cache'))).toEqual(kept)
    })

    test('in the temporary folder', () => {
      const ours = start()
      const cache = folder(join(shared, 'node-compile-cache'), other.id, 0o755)
      expectIgnored(plant(cache, ours, other.id), ours)
    })

    test('in a folder that everybody may write to', () => {
      const ours = start({ XDG_CACHE_HOME: shared })
      expectIgnored(plantCache(shared, ours, other.id, 0o777), ours)
    })

    test('in the home folder of somebody else, as under sudo', () => {
      const home = folder(join(shared, 'home'), other.id, 0o755)
      const caches = folder(join(home, '.cache'), other.id, 0o755)
      const ours = start({ HOME: home })
      expectIgnored(plantCache(caches, ours, other.id), ours)
    })

    test('in a cache of the user’s name in the home folder of somebody else', () => {
      const home = folder(join(shared, 'home'), other.id, 0o755)
      const caches = folder(join(home, '.cache'), other.id, 0o755)
      const ours = start({ HOME: home })
      expectIgnored(plantCache(caches, ours, ours.as, 0o700), ours)
    })

    test('nothing is made in the home folder of somebody else', () => {
      const home = folder(join(shared, 'home'), other.id, 0o777)
      const ours = start({ HOME: home })
      run(ours)
      expect(readdirSync(home)).toEqual([])
      mkdirSync(join(home, '.cache'))
      chownSync(join(home, '.cache'), other.id, other.id)
      run(ours)
      expect(readdirSync(join(home, '.cache'))).toEqual([])
    })

    test('in a folder that a relative path names', () => {
      const ours = start({ XDG_CACHE_HOME: 'cache' })
      const caches = folder(join(ours.cwd, 'cache'), ours.as, 0o755)
      const file = plantCache(caches, ours, ours.as, 0o700)
      expect(run(ours).startsWith(bin.prints)).toBe(true)
      expect(readFileSync(file).byteLength).toBe(forged.get(bin)?.bytes.byteLength)
      const relativeHome = start({ HOME: 'home' }, ours.cwd)
      const home = folder(join(ours.cwd, 'home'), ours.as, 0o755)
      plantCache(folder(join(home, '.cache'), ours.as, 0o755), ours, ours.as, 0o700)
      expect(run(relativeHome).startsWith(bin.prints)).toBe(true)
    })

    test.each([
      ['mig', 0o777],
      ['mig', 0o770],
      ['mig/compile-cache', 0o777],
      ['mig/compile-cache/NODE', 0o777],
      ['mig/compile-cache/NODE', 0o775],
      ['mig/compile-cache/NODE/ENTRY', 0o666],
    ] as const)('where others may write to %s (%o)', (path, mode) => {
      const caches = folder(join(shared, 'caches'), userOf(isRoot), 0o755)
      const ours = start({ XDG_CACHE_HOME: caches })
      const file = plantCache(caches, ours, ours.as, 0o700)
      const [nodes = '', entry = ''] = file.split('/').slice(-2)
      chmodSync(join(caches, path.replace('NODE', nodes).replace('ENTRY', entry)), mode)
      expectIgnored(file, ours)
    })

    test.each([
      'mig',
      'mig/compile-cache',
      'mig/compile-cache/NODE',
      'mig/compile-cache/NODE/ENTRY',
    ])('where somebody else owns %s', (path) => {
      const caches = folder(join(shared, 'caches'), userOf(isRoot), 0o755)
      const ours = start({ XDG_CACHE_HOME: caches })
      const file = plantCache(caches, ours, ours.as, 0o700)
      const [nodes = '', entry = ''] = file.split('/').slice(-2)
      const owned = join(caches, path.replace('NODE', nodes).replace('ENTRY', entry))
      chownSync(owned, other.id, other.id)
      expectIgnored(file, ours)
    })

    test('where a file lies beside the folder of Node that somebody else owns', () => {
      const caches = folder(join(shared, 'caches'), userOf(isRoot), 0o755)
      const ours = start({ XDG_CACHE_HOME: caches })
      const file = plantCache(caches, ours, ours.as, 0o700)
      writeFileSync(join(caches, 'mig/compile-cache/file'), '')
      chownSync(join(caches, 'mig/compile-cache/file'), other.id, other.id)
      expectIgnored(file, ours)
    })

    test.each(['caches', 'caches/mig', 'caches/mig/compile-cache', 'NODE', 'ENTRY'])(
      'after a link in place of %s',
      (path) => {
        const real = folder(join(shared, 'real'), other.id, 0o755)
        const as = userOf(isRoot)
        const file = plantCache(
          folder(join(real, 'caches'), other.id, 0o755),
          { bin, as },
          other.id,
        )
        const [nodes = '', entry = ''] = file.split('/').slice(-2)
        const inside = ['caches', 'mig', 'compile-cache', nodes, entry]
        const depth = ['caches', 'mig', 'compile-cache', 'NODE', 'ENTRY'].indexOf(
          path.split('/').at(-1) ?? '',
        )
        let at = folder(join(shared, 'ours'), as, 0o755)
        for (const name of inside.slice(0, depth)) at = folder(join(at, name), as, 0o700)
        symlinkSync(join(real, ...inside.slice(0, depth + 1)), join(at, inside[depth] ?? ''))
        expectIgnored(file, start({ XDG_CACHE_HOME: join(shared, 'ours/caches') }))
      },
    )

    test('a second name of a file that somebody else owns', () => {
      const caches = folder(join(shared, 'caches'), userOf(isRoot), 0o755)
      const ours = start({ XDG_CACHE_HOME: caches })
      const file = plantCache(caches, ours, ours.as, 0o700)
      const theirs = join(shared, 'theirs')
      cpSync(file, theirs)
      chownSync(theirs, other.id, other.id)
      rmSync(file)
      linkSync(theirs, file)
      expectIgnored(file, ours)
    })

    test('a link of somebody else to a folder of the user’s', () => {
      const ours = start({ XDG_CACHE_HOME: join(shared, 'link') })
      symlinkSync(ours.cwd, join(shared, 'link'))
      chownSync(ours.cwd, ours.as, ours.as)
      spawnSync('chown', ['-h', String(other.id), join(shared, 'link')])
      run(ours)
      expect(readdirSync(ours.cwd)).toEqual([])
    })

    test('where somebody else could put another folder in the cache’s place', () => {
      const open = folder(join(shared, 'open'), userOf(isRoot), 0o777)
      const caches = folder(join(open, 'caches'), userOf(isRoot), 0o755)
      const ours = start({ XDG_CACHE_HOME: caches })
      expectIgnored(plantCache(caches, ours, ours.as, 0o700), ours)
    })

    test('NODE_COMPILE_CACHE stays the user’s own concern, NODE_DISABLE_COMPILE_CACHE too', () => {
      const ours = start()
      const cache = folder(join(shared, 'cache'), other.id, 0o755)
      plant(cache, ours, other.id)
      expect(run({ ...ours, env: { NODE_COMPILE_CACHE: cache } })).toBe(planted)
      const off = { NODE_COMPILE_CACHE: cache, NODE_DISABLE_COMPILE_CACHE: '1' }
      expect(run({ ...ours, env: off }).startsWith(bin.prints)).toBe(true)
      expect(readdirSync(ours.cwd)).toEqual([])
    })
  })

  test.each(executables)('a damaged cache of $bin is passed over', (bin) => {
    const ours = { bin, as: victim.id, env: {}, cwd: homeOf(victim.id) }
    const prints = run(ours)
    const cache = join(ours.cwd, '.cache/mig/compile-cache')
    const files = readdirSync(cache, { recursive: true, encoding: 'utf8' })
      .map((name) => join(cache, name))
      .filter((file) => statSync(file).isFile())
      .map((file) => ({ file, bytes: readFileSync(file) }))
    expect(files.length).toBeGreaterThan(0)
    const restore = (spoil: (bytes: Buffer) => Buffer): void => {
      for (const { file, bytes } of files) writeFileSync(file, spoil(Buffer.from(bytes)))
    }
    const spoilers: ((bytes: Buffer) => Buffer)[] = [
      () => Buffer.alloc(0),
      (bytes) => Buffer.alloc(bytes.length, 7),
      (bytes) => bytes.subarray(0, bytes.length / 2),
      (bytes) => bytes.subarray(0, 19),
      (bytes) => Buffer.concat([bytes, bytes]),
    ]
    for (let part = 0; part < 16; part++) {
      spoilers.push((bytes) => {
        const at = part < 5 ? part * 4 : Math.floor((bytes.length * part) / 16)
        return bytes.fill((bytes[at] ?? 0) ^ 0xff, at, at + 4)
      })
    }
    for (const spoil of spoilers) {
      restore(spoil)
      expect(run(ours)).toBe(prints)
    }
  })
})
