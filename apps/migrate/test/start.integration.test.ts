import { readFileSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { expect, test } from 'vitest'
import { runTool } from '@mig/internal-testing'
import { migrateTool, openWorkplace } from '@mig/internal-testing'

/** Writes down, at the end of a process, the files it has loaded. */
const recorder = `
const { writeFileSync } = require('node:fs')
process.on('exit', () => writeFileSync(process.env.LOADED, Object.keys(require.cache).join('\\n')))
`

const loadedBy = async (...args: readonly string[]): Promise<readonly string[]> => {
  using workplace = openWorkplace()
  const [hook, list] = ['hook.cjs', 'loaded'].map((name) => join(workplace.folder, name))
  writeFileSync(hook ?? '', recorder)
  const [node, script = ''] = migrateTool
  const tool = [node, '--require', hook ?? '', script] as const
  const options = { cwd: workplace.folder, stdin: '', env: { LOADED: list ?? '' } }
  await runTool(tool, args, options)
  return readFileSync(list ?? '', 'utf8')
    .split('\n')
    .filter((path) => path !== hook)
}

test.each([
  ['-version'],
  ['-path', 'm', '-database', 'sqlite://test.db', 'version'],
  ['-path', 'm', '-database', 'postgres://127.0.0.1:1/x', 'version'],
])('%s %s %s loads neither oclif nor mig', async (...args) => {
  const loaded = await loadedBy(...args)
  expect(loaded.map((path) => path.split('/').at(-1))).toContain('migrate.cjs')
  expect(loaded.map((path) => path.split('/').at(-1))).not.toContain('mig.cjs')
  expect(loaded.filter((path) => readFileSync(path, 'utf8').includes('@oclif/core'))).toEqual([])
})

test('a client is loaded for its own database only', async () => {
  const clients = /SCRAM-SHA-256|caching_sha2_password|DatabaseSync/g
  const clientsIn = async (...args: readonly string[]): Promise<readonly string[]> => {
    const loaded = await loadedBy(...args)
    const found = loaded.flatMap((path) => readFileSync(path, 'utf8').match(clients) ?? [])
    return [...new Set(found)]
  }
  expect(await clientsIn('-version')).toEqual([])
  const version = async (url: string): Promise<readonly string[]> =>
    clientsIn('-path', 'm', '-database', url, 'version')
  expect(await version('postgres://127.0.0.1:1/x')).toEqual(['SCRAM-SHA-256'])
  expect(await version('mysql://tcp(127.0.0.1:1)/x')).toEqual(['caching_sha2_password'])
  expect(await version('sqlite://test.db')).toEqual(['DatabaseSync'])
})
