import { expect, test } from 'vitest'
import { splitMysql, splitPostgres, splitSqlite } from '../src/index.ts'

const SIZE = 1_000_000
const fill = (text: string): string => text.repeat(SIZE / text.length)

// Each of these would take hours if one character led to a search through the rest of the body.
test.each<[name: string, body: string]>([
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
])('%s', { timeout: 20_000 }, (_name, body) => {
  const started = performance.now()
  splitPostgres(body)
  splitMysql(body, { serverVersion: 90700 })
  splitSqlite(body)
  expect(performance.now() - started).toBeLessThan(15_000)
})
