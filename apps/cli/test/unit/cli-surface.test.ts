import { expect, test } from 'vitest'
import { Config } from '@oclif/core/config'
import { COMMANDS } from '../../src/oclif/commands.ts'
import { project } from '../support/project.ts'
import { cliFolder } from '../support/run-mig.ts'

const describeFlags = (flags: Readonly<Record<string, object>> = {}): string[] =>
  Object.entries(flags).map(([name, flag]) => {
    const { char, type, options, env } = flag as Record<string, unknown>
    return [
      typeof char === 'string' ? `-${char}, --${name}` : `--${name}`,
      type === 'option' ? '<value>' : '',
      Array.isArray(options) ? options.join('|') : '',
      typeof env === 'string' ? env : '',
    ]
      .filter((part) => part !== '')
      .join(' ')
  })

test('the flags that every command takes', () => {
  expect(describeFlags(COMMANDS['up']?.baseFlags)).toMatchSnapshot()
})

test.each(Object.entries(COMMANDS))('%s takes what it took', (_, { args, flags, aliases }) => {
  const named = Object.entries(args ?? {}).map(([name, { required, multiple }]) => {
    const word = `${name.toUpperCase()}${multiple === true ? '...' : ''}`
    return required === true ? word : `[${word}]`
  })
  expect({ args: named, flags: describeFlags(flags), aliases }).toMatchSnapshot()
})

test('mig lists its own commands and those of the plugins it comes with', async () => {
  const config = await Config.load({ root: cliFolder, devPlugins: false, userPlugins: false })
  expect(config.commandIDs.toSorted()).toMatchSnapshot()
})

/** A value's shape: types in place of values, one item of each list. */
const shapeOf = (value: unknown): unknown => {
  if (value === null) return 'null'
  if (Array.isArray(value)) return value.slice(0, 1).map(shapeOf)
  if (typeof value !== 'object') return typeof value
  return Object.fromEntries(Object.entries(value).map(([key, item]) => [key, shapeOf(item)]))
}

test('what --json prints keeps its shape', async () => {
  const app = project()
  const shapes: Record<string, unknown> = {}
  for (const line of [
    'create more',
    'plan',
    'up --dry-run',
    'up',
    'status',
    'doctor',
    'repair',
    'version',
    'down',
    'goto 2',
    'redo',
    'force 2',
    'unlock',
    'config',
    'drivers',
    'plugins link node_modules/mig-plugin-hello',
    'plugins',
    'plugins uninstall mig-plugin-hello',
    'drop --yes',
  ]) {
    const { json, exitCode } = await app.mig([...line.split(' '), '--json'])
    expect(exitCode, line).toBe(0)
    shapes[line] = shapeOf(json)
  }
  app.migrations({ '000001_users.up': 'create a; drop b;' })
  const failed = await app.mig(['up', '--json'])
  shapes['up, failing'] = shapeOf(failed.json)
  expect(shapes).toMatchSnapshot()
})
