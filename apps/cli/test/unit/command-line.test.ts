import { parse } from '@oclif/core/parser'
import { describe, expect, test } from 'vitest'
import { COMMANDS } from '../../src/oclif/commands.ts'
import { boolean, option, string } from '../../src/command-line/flags.ts'
import { string as argument } from '../../src/command-line/args.ts'
import { parsePlain } from '../../src/command-line/parse-plain.ts'
import { ownCommands } from '../../src/oclif/own-commands.ts'
import * as oclifArgs from '@oclif/core/args'
import * as oclifFlags from '@oclif/core/flags'

/** Numbers that look random and are the same at each run. */
const random = (seed: number): ((below: number) => number) => {
  let state = seed
  return (below) => {
    state = (Math.imul(state, 1_664_525) + 1_013_904_223) >>> 0
    return Math.floor((state / 2 ** 32) * below)
  }
}

const withoutEnv = (flags: object): Record<string, object> =>
  Object.fromEntries(
    Object.entries(flags).map(([name, flag]) => [name, { ...(flag as object), env: undefined }]),
  )

const definitionOf = (name: string): Parameters<typeof parsePlain>[1] => {
  const { args = {}, flags = {}, baseFlags = {} } = COMMANDS[name] ?? {}
  const silent = Object.fromEntries(
    Object.entries(args).map(([key, arg]) => [key, { ...arg, ignoreStdin: true }]),
  )
  return { args: silent, flags: withoutEnv({ json: boolean(), ...baseFlags, ...flags }) }
}

const oddWords = '1 12 name x -1 - -- --nothing -Z --no-yes a=b file'.split(' ').concat('')

const words = (flags: Readonly<Record<string, object>>): readonly string[] => [
  ...Object.entries(flags).flatMap(([name, flag]) => {
    const { char, options } = flag as { char?: string; options?: readonly string[] }
    const short = char === undefined ? [] : [`-${char}`, `-${char}x`, `-${char}=x`]
    return [`--${name}`, `--${name}`, `--${name}=x`, `--${name}=`, ...short, ...(options ?? [])]
  }),
  ...oddWords,
]

describe.each(Object.keys(COMMANDS))('mig %s', (name) => {
  test('what is read without oclif is what oclif reads', async () => {
    const definition = definitionOf(name)
    const choice = words(definition.flags)
    const next = random(name.length * 7919)
    let plain = 0
    for (let round = 0; round < 600; round++) {
      const argv = Array.from({ length: next(5) }, () => choice[next(choice.length)] ?? '')
      const ours = parsePlain(argv, definition)
      if (ours === undefined) continue
      plain += 1
      const theirs = await parse(argv, { ...(definition as object), strict: true })
      expect({ ...ours.flags }, argv.join(' ')).toEqual({ ...theirs.flags })
      expect({ ...ours.args }, argv.join(' ')).toEqual({ ...theirs.args })
    }
    // An argument that may stand several times is left to oclif.
    const takesSeveral = Object.values(definition.args).some((arg) => 'multiple' in arg)
    if (takesSeveral) expect(plain).toBe(0)
    else expect(plain).toBeGreaterThan(10)
  })

  test('is found alike by mig and by oclif', async () => {
    expect(await ownCommands[name]?.()).toBe(COMMANDS[name])
  })
})

test('there is no other command of mig’s own', () => {
  expect(Object.keys(ownCommands).toSorted()).toEqual(Object.keys(COMMANDS).toSorted())
})

test('flags and arguments are those that oclif would make', () => {
  const plain = (value: object): object => ({ ...value, parse: undefined })
  const given = { summary: 'What it does', char: 'x' as const, env: 'MIG_X', default: 'y' }
  expect(plain(string(given))).toEqual(plain(oclifFlags.string(given)))
  expect(plain(boolean({ summary: 'x' }))).toEqual(plain(oclifFlags.boolean({ summary: 'x' })))
  expect(plain(string({ multiple: true }))).toEqual(plain(oclifFlags.string({ multiple: true })))
  const choice = { options: ['a', 'b'] as const, summary: 'x' }
  expect(plain(option(choice)())).toEqual(plain(oclifFlags.option(choice)()))
  const name = { description: 'x', required: true as const }
  expect(plain(argument(name))).toEqual(plain(oclifArgs.string(name)))
})

test('a definition that needs oclif’s rules is left to oclif', () => {
  const flags = {
    custom: oclifFlags.string(),
    many: string({ multiple: true }),
    more: string({ relationships: [{ type: 'all', flags: ['x'] }] }),
    computed: { ...string(), default: async () => 'x' },
  }
  for (const [name, flag] of Object.entries(flags)) {
    expect(parsePlain([], { args: {}, flags: { [name]: flag } }), name).toBeUndefined()
  }
  expect(parsePlain([], { args: {}, flags: { plain: string() } })).toEqual({ args: {}, flags: {} })
})
