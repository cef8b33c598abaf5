import { existsSync, mkdirSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterEach, beforeEach, expect, test, vi } from 'vitest'
import { openRunFolder } from '../src/run-folder.ts'
import { temporaryFolder } from '../src/temporary-folder.ts'

beforeEach(() => void vi.stubEnv('TMPDIR', tmpdir()))
afterEach(() => vi.unstubAllEnvs())

test('is the temporary directory until it is closed', () => {
  const before = tmpdir()
  const run = openRunFolder()
  expect(tmpdir()).toBe(run.path)
  using folder = temporaryFolder('own')
  expect(folder.path.startsWith(join(run.path, 'mig-own-'))).toBe(true)
  folder[Symbol.dispose]()
  run.close()
  expect(tmpdir()).toBe(before)
  expect(existsSync(run.path)).toBe(false)
})

test('takes what third parties leave, by name', () => {
  const run = openRunFolder()
  mkdirSync(join(run.path, 'node-compile-cache'))
  writeFileSync(join(run.path, 'testcontainers-node-0.lock'), '')
  expect(() => run.close()).not.toThrow()
  expect(existsSync(run.path)).toBe(false)
})

test('names what was left in it, and removes that too', () => {
  const run = openRunFolder()
  mkdirSync(join(run.path, 'mig-crash-1/inner'), { recursive: true })
  writeFileSync(join(run.path, 'file'), '')
  expect(() => run.close()).toThrow(
    'Tests left files in the temporary directory: file, mig-crash-1',
  )
  expect(existsSync(run.path)).toBe(false)
})
