import { mkdirSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { pathToFileURL } from 'node:url'
import { afterAll, expect, test } from 'vitest'
import { parsePluginSpec } from '../../../src/plugins/plugin-spec.ts'

const cwd = mkdtempSync(join(tmpdir(), 'mig-spec-'))
afterAll(() => rmSync(cwd, { recursive: true, force: true }))
mkdirSync(join(cwd, 'sub/folder'), { recursive: true })
writeFileSync(join(cwd, 'x-1.0.0.tgz'), '')
const tarball = join(cwd, 'x-1.0.0.tgz')
const folder = join(cwd, 'sub/folder')

test.each([
  ['hello', 'hello', 'latest', 'hello@latest'],
  ['@mig/driver-duckdb', '@mig/driver-duckdb', 'latest', '@mig/driver-duckdb@latest'],
  ['hello@next', 'hello', 'next', 'hello@next'],
  ['@a/b@^1.2.0', '@a/b', '^1.2.0', '@a/b@^1.2.0'],
  ['hello@>=1 <3', 'hello', '>=1 <3', 'hello@>=1 <3'],
])('%s comes from the registry', (typed, name, tag, target) => {
  expect(parsePluginSpec(typed, cwd)).toEqual({ typed, name, tag, target, isFolder: false })
})

test.each([
  ['./x-1.0.0.tgz', tarball, false],
  ['x-1.0.0.tgz', tarball, false],
  ['file:x-1.0.0.tgz', tarball, false],
  ['file:./x-1.0.0.tgz', tarball, false],
  [tarball, tarball, false],
  [`file:${tarball}`, tarball, false],
  [pathToFileURL(tarball).href, tarball, false],
  ['./sub/folder', folder, true],
  [folder, folder, true],
  ['sub/../sub/x/../../x-1.0.0.tgz', tarball, false],
])('%s is a path, wherever the package manager runs', (typed, path, isFolder) => {
  expect(parsePluginSpec(typed, cwd)).toEqual({ typed, target: `file:${path}`, isFolder })
})

test.each([
  ['x@file:x-1.0.0.tgz', 'x', `x@file:${tarball}`],
  ['x@npm:y@1', 'x', 'x@npm:y@1'],
  ['x@https://example.com/x.tgz', 'x', 'x@https://example.com/x.tgz'],
  ['https://example.com/x.tgz', undefined, 'https://example.com/x.tgz'],
  ['git+ssh://git@example.com/a/b.git#v1', undefined, 'git+ssh://git@example.com/a/b.git#v1'],
  ['github:a/b', undefined, 'github:a/b'],
])('%s has no tag', (typed, name, target) => {
  const named = name === undefined ? {} : { name }
  expect(parsePluginSpec(typed, cwd)).toEqual({ typed, ...named, target, isFolder: false })
})

test.each([
  ['', 'does not name a plugin'],
  ['sub/folder', 'does not name a plugin'],
  ['--global', 'does not name a plugin'],
  ['a b', 'does not name a plugin'],
  ['@scope', 'does not name a plugin'],
  ['./missing', 'does not name a plugin'],
  ['missing.tgz', 'does not name a plugin'],
])('"%s" is refused', (typed, message) => {
  expect(() => parsePluginSpec(typed, cwd)).toThrow(
    expect.objectContaining({ code: 'USAGE', message: expect.stringContaining(message) }),
  )
})
