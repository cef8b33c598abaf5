import { expect, test } from 'vitest'
import { formatFlagDefaults, parseGoFlags, type GoFlagSet } from '../src/go-flags.ts'
import { commands, globalFlags } from '../src/usage.ts'

const flags: GoFlagSet = {
  all: { type: 'bool', usage: 'all' },
  n: { type: 'uint', usage: 'n', default: '3' },
  i: { type: 'int', usage: 'i' },
  s: { type: 'string', usage: 's' },
}

const values = (...args: string[]): Readonly<Record<string, string>> =>
  parseGoFlags(flags, args).values

test.each([
  [['-all'], 'all', 'true'],
  [['--all'], 'all', 'true'],
  [['-all=0'], 'all', 'false'],
  [['-all=T'], 'all', 'true'],
  [['-s', 'x'], 's', 'x'],
  [['--s=x=y'], 's', 'x=y'],
  [['-s', '-all'], 's', '-all'],
  [['-s='], 's', ''],
  [['-n', '0x10'], 'n', '16'],
  [['-n=1_000'], 'n', '1000'],
  [['-n=017'], 'n', '15'],
  [['-n=0b11'], 'n', '3'],
  [['-n=0o17'], 'n', '15'],
  [['-n=0_7'], 'n', '7'],
  [['-i=-5'], 'i', '-5'],
  [['-i', '-9223372036854775808'], 'i', '-9223372036854775808'],
  [[], 'n', '3'],
])('%j sets %s to %j', (args, name, value) => {
  expect(values(...args)[name]).toBe(value)
})

test.each([
  [
    ['a', '-all'],
    ['a', '-all'],
  ],
  [['-all', '--', '-all'], ['-all']],
  [
    ['-', '-all'],
    ['-', '-all'],
  ],
  [
    ['-all', 'x', '--'],
    ['x', '--'],
  ],
  [[''], ['']],
])('%j leaves %j', (args, rest) => {
  expect(parseGoFlags(flags, args).rest).toEqual(rest)
})

test.each([
  [['-x'], 'flag provided but not defined: -x'],
  [['-1'], 'flag provided but not defined: -1'],
  [['-toString'], 'flag provided but not defined: -toString'],
  [['-s'], 'flag needs an argument: -s'],
  [['-n', 'v'], 'invalid value "v" for flag -n: parse error'],
  [['-n', '-1'], 'invalid value "-1" for flag -n: parse error'],
  [['-n', ''], 'invalid value "" for flag -n: parse error'],
  [['-n', '1__0'], 'invalid value "1__0" for flag -n: parse error'],
  [
    ['-n', '18446744073709551616'],
    'invalid value "18446744073709551616" for flag -n: value out of range',
  ],
  [
    ['-i', '9223372036854775808'],
    'invalid value "9223372036854775808" for flag -i: value out of range',
  ],
  [['-all=v'], 'invalid boolean value "v" for -all: parse error'],
  [['---all'], 'bad flag syntax: ---all'],
  [['-=x'], 'bad flag syntax: -=x'],
  [['-help'], 'flag: help requested'],
  [['-h'], 'flag: help requested'],
])('%j fails: %s', (args, message) => {
  expect(() => values(...args)).toThrow(message)
})

test('flags are shown in order, each with its type and default', () => {
  expect(formatFlagDefaults(commands.drop.flags)).toBe(
    '  -f\tForce the drop command by bypassing the confirmation prompt\n  -help\n    \tPrint help information\n',
  )
  const { create } = commands
  expect(formatFlagDefaults(create.flags)).toContain(
    '  -digits int\n    \tThe number of digits to use in sequences (default: 6) (default 6)\n  -dir string\n',
  )
  expect(formatFlagDefaults(create.flags)).toMatch(/\(default "20060102150405"\)\n {2}-help\n/)
})

test('global options have the defaults of the usage text', () => {
  expect(parseGoFlags(globalFlags, []).values).toMatchObject({
    prefetch: '10',
    'lock-timeout': '15',
  })
})
