import {
  chmodSync,
  chownSync,
  lchownSync,
  mkdirSync,
  mkdtempSync,
  readFileSync,
  rmSync,
  statSync,
  symlinkSync,
  writeFileSync,
} from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { expect, onTestFinished, test } from 'vitest'
import { DataFolder } from '../../../src/plugins/data-folder.ts'
import { whyDistrusted } from '../../../src/plugins/folder-trust.ts'

const temporary = (): string => {
  const root = mkdtempSync(join(tmpdir(), 'mig-data-'))
  onTestFinished(() => rmSync(root, { recursive: true, force: true }))
  return root
}

const json = (folder: DataFolder): unknown =>
  JSON.parse(readFileSync(join(folder.path, 'package.json'), 'utf8'))

test('it is made for its user alone, whatever the umask', () => {
  const before = process.umask(0)
  onTestFinished(() => void process.umask(before))
  const folder = new DataFolder(join(temporary(), 'a/b'))
  folder.prepare()
  expect(statSync(folder.path).mode & 0o777).toBe(0o700)
  expect(statSync(join(folder.path, 'package.json')).mode & 0o777).toBe(0o600)
  expect(json(folder)).toEqual({
    private: true,
    dependencies: {},
    oclif: { schema: 1, plugins: [] },
  })
})

test('plugins are registered as oclif reads them, one of each name, and all else stays', () => {
  const folder = new DataFolder(temporary())
  writeFileSync(
    join(folder.path, 'package.json'),
    JSON.stringify({ dependencies: { a: '^1' }, oclif: { plugins: ['old'], schema: 1 } }),
  )
  folder.prepare()
  folder.register({ name: 'a', type: 'user', tag: 'latest' })
  folder.register({ name: 'b', type: 'link', root: '/b' })
  folder.register({ name: 'a', type: 'user', url: 'file:/a.tgz' })
  folder.register({ name: 'renamed', type: 'link', root: '/b' })
  folder.unregister('old')
  expect(json(folder)).toEqual({
    private: true,
    dependencies: { a: '^1' },
    oclif: {
      schema: 1,
      plugins: [
        { name: 'a', type: 'user', url: 'file:/a.tgz' },
        { name: 'renamed', type: 'link', root: '/b' },
      ],
    },
  })
})

test('what is no JSON is named, and not written over', () => {
  const folder = new DataFolder(temporary())
  writeFileSync(join(folder.path, 'package.json'), '{')
  expect(() => folder.register({ name: 'a', type: 'link', root: '/a' })).toThrow('holds no JSON')
  expect(readFileSync(join(folder.path, 'package.json'), 'utf8')).toBe('{')
})

const user = process.geteuid?.() ?? 0

test('only what its user alone can write is trusted', () => {
  const root = temporary()
  const folder = join(root, 'data')
  expect(whyDistrusted(folder, user)).toBeUndefined()
  mkdirSync(folder, { mode: 0o755 })
  writeFileSync(join(folder, 'package.json'), '{}')
  mkdirSync(join(folder, 'node_modules'))
  expect(whyDistrusted(folder, user)).toBeUndefined()
  for (const name of ['.', 'package.json', 'node_modules']) {
    for (const mode of [0o777, 0o775, 0o757]) {
      chmodSync(join(folder, name), mode)
      expect(whyDistrusted(folder, user)).toContain('other users may write to')
    }
    chmodSync(join(folder, name), 0o755)
  }
  expect(whyDistrusted(folder, user)).toBeUndefined()
  symlinkSync(folder, join(root, 'link'))
  expect(whyDistrusted(join(root, 'link'), user)).toBeUndefined()
  chmodSync(folder, 0o777)
  expect(whyDistrusted(join(root, 'link'), user)).toContain('other users may write to')
  expect(() => new DataFolder(folder).prepare()).toThrow('other users may write to')
  expect(statSync(folder).mode & 0o777).toBe(0o777)
})

test('another user’s is not trusted, not by a link either', () => {
  const root = temporary()
  const folder = join(root, 'data')
  mkdirSync(folder)
  symlinkSync(folder, join(root, 'link'))
  // Only root can give things away. Anybody else plays the other user.
  const other = user === 0 ? 12_345 : user
  const me = user === 0 ? 0 : user + 1
  if (user === 0) lchownSync(join(root, 'link'), other, other)
  expect(whyDistrusted(join(root, 'link'), me)).toContain(`belongs to another user (${other})`)
  if (user === 0) chownSync(folder, other, other)
  expect(whyDistrusted(folder, me)).toContain(`belongs to another user (${other})`)
})

test('root’s is trusted by everybody', () => {
  expect(whyDistrusted('/usr', 12_345)).toBeUndefined()
})
