import { cpSync, readFileSync, writeFileSync } from 'node:fs'
import { fileURLToPath } from 'node:url'
import { join } from 'node:path'
import { expect, test } from 'vitest'
import { cliFolder } from '../support/run-mig.ts'
import { project, type Project } from '../support/project.ts'

const coreFolder = fileURLToPath(new URL('../../../../packages/core', import.meta.url))

/** A driver whose steps fail with codes that only its own, later copy of `@mig/core` knows. */
const driver = `
import { MigrateError } from '@mig/core/driver'
import { fromUrl as hello } from './hello.js'

const errorOf = (step, code) =>
  new MigrateError(code, step.file + ':1:8: The quota of tables is used up', {
    details: {
      failed: {
        version: step.version, direction: step.direction, title: step.title, file: step.file,
        statement: 1, statements: 1, line: 1, column: 8, excerpt: 'create users;',
        serverMessage: 'The quota of tables is used up', serverCode: 'Q0001',
      },
      quota: { tables: 7n },
    },
    cause: new Error('what the client library said'),
  })

export const fromUrl = (url, options) => ({
  name: 'later',
  open: async (settings) => {
    const driver = await hello(url, options).open(settings)
    const code = new URL(url).searchParams.get('code')
    return { ...driver, runTransactional: async ([step]) => { throw errorOf(step, code) } }
  },
})
`

/** A project with that driver: beside it a copy of the built core, with two more codes in its catalog. */
const laterProject = (): Project => {
  const app = project({ '000001_users.up': 'create users;' })
  const plugin = join(app.folder, 'node_modules/mig-plugin-later')
  const core = join(plugin, 'node_modules/@mig/core')
  cpSync(join(coreFolder, 'dist'), join(core, 'dist'), { recursive: true })
  const exported = { './driver': './dist/driver-api.js' }
  const coreManifest = { name: '@mig/core', version: '9.0.0', type: 'module', exports: exported }
  writeFileSync(join(core, 'package.json'), JSON.stringify(coreManifest))
  const catalog = join(core, 'dist/errors/error-catalog.js')
  const text = readFileSync(catalog, 'utf8')
  const more = `QUOTA_EXCEEDED: { summary: 'x' }, QUOTA_LOW: { summary: 'x', hint: 'Ask for a larger quota.' },`
  const changed = text.replace('errorCatalog = {', `errorCatalog = {${more}`)
  expect(changed).not.toBe(text)
  writeFileSync(catalog, changed)
  cpSync(join(cliFolder, 'test/fixtures/plugin-hello/driver.js'), join(plugin, 'hello.js'))
  writeFileSync(join(plugin, 'driver.js'), driver)
  writeFileSync(
    join(plugin, 'plugin.js'),
    "export default () => ({ name: 'later', schemes: ['later'], load: () => import('./driver.js') })",
  )
  const oclif = { hooks: { drivers: './plugin.js' } }
  const manifest = { name: 'mig-plugin-later', version: '9.0.0', type: 'module', oclif }
  writeFileSync(join(plugin, 'package.json'), JSON.stringify(manifest))
  app.write('package.json', JSON.stringify({ devDependencies: { 'mig-plugin-later': '*' } }))
  return app
}

test.each([
  ['QUOTA_EXCEEDED', null],
  ['QUOTA_LOW', 'Ask for a larger quota.'],
])(
  'an error of a later core keeps its code, place, message, hint and cause: %s',
  async (code, hint) => {
    const app = laterProject()
    const url = `later://me@host${join(app.folder, 'db.json')}?code=${code}`

    const { json, exitCode } = await app.mig(['up', '--database', url, '--json'])
    expect(exitCode).toBe(1)
    expect(json).toMatchObject({
      ok: false,
      error: {
        code,
        message: '000001_users.up.sql:1:8: The quota of tables is used up',
        hint,
        details: {
          failed: { file: '000001_users.up.sql', line: 1, column: 8, serverCode: 'Q0001' },
          state: { version: null, dirty: false },
          applied: [],
          quota: { tables: '7' },
        },
        exitCode: 1,
      },
    })

    const text = await app.mig(['up', '--database', url, '--verbose'])
    expect(text.exitCode).toBe(1)
    expect(text.stderr).toContain('Error: The quota of tables is used up\n')
    expect(text.stderr).toContain('at migrations/000001_users.up.sql:1:8, statement 1 of 1')
    expect(text.stderr).toMatch(/^ *1 \| create users;\n *\| {8}\^$/m)
    expect(text.stderr).toMatch(new RegExp(`^ +next +${hint ?? 'Run the command again'}`, 'm'))
    expect(text.stderr).toContain(`\n${code}\n`)
    expect(text.stderr).toContain('Error: what the client library said')
  },
)
