import { atDepth } from '@mig/internal-testing'
import { expect, test } from 'vitest'
import { splitMysql, splitPostgres, splitSqlite } from '../src/index.ts'

const SIZE = atDepth({ quick: 100_000, ci: 500_000, full: 1_000_000 })
/** How much shorter the script is whose time says what to expect. */
const SHORTER = 10
/** Below that much time of the processor, start-up and collected garbage count for more than the script. */
const LEAST_MS = 20

const fill = (text: string): string => text.repeat(SIZE / text.length)

/** Time of the processor, which other programs on the machine do not prolong. */
const splitMs = (script: string): number => {
  const before = process.cpuUsage()
  splitPostgres(script)
  splitMysql(script, { serverVersion: 90700 })
  splitSqlite(script)
  const { user, system } = process.cpuUsage(before)
  return (user + system) / 1000
}

// Each of these would take hours if one character led to a search through the rest of the script.
test.each<[name: string, script: string]>([
  ['one long line', fill('select 1;')],
  ['many lines', fill('\n;')],
  ['many strings', fill("'a' ")],
  ['many open backslashes', `'${fill("\\'")}`],
  ['many continued strings', fill("'a'\n")],
  ['many comment starts', fill('/*')],
  ['many dashes', fill('-- \n')],
  ['dashes on one line', fill('-- ')],
  ['many dollar signs', fill('$')],
  ['many tags', Array.from({ length: SIZE / 20 }, (_, i) => `create as $t${i}$;`).join('\n')],
  ['many parentheses', fill('(')],
  ['many brackets', fill('[')],
  ['many blocks', `create procedure p() ${fill('begin ')}`],
  ['many routines', fill('create function f() begin atomic ')],
  ['many statements that create', fill('create ;')],
  ['many delimiters', fill('delimiter //\n')],
  ['a delimiter that never comes', `delimiter //\n${fill('a ')}`],
  ['many executable comments', fill('/*! a */')],
  ['many skipped comments', fill('/*!99999 /* a */ */')],
  ['many set_config', fill('select set_config(1);')],
])('%s', { timeout: 120_000 }, (_name, script) => {
  const short = Math.max(LEAST_MS, splitMs(script.slice(0, script.length / SHORTER)))
  // Ten times as long takes ten times as long if the time is linear, and a hundred times if it is quadratic.
  expect(splitMs(script)).toBeLessThan(4 * SHORTER * short)
})
