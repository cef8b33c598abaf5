import { expect, test } from 'vitest'
import { splitMysql } from '../src/index.ts'
import { texts } from './support/script.ts'

const procedure = 'create procedure p() begin select 1; select 2; end'

test.each<[name: string, script: string, statements: readonly string[]]>([
  ['two slashes', `DELIMITER //\n${procedure}//\nDELIMITER ;\nselect 1;`, [procedure, 'select 1']],
  [
    'two semicolons',
    `delimiter ;;\n${procedure};;\n${procedure} ;;\ndelimiter ;\nselect 1`,
    [procedure, procedure, 'select 1'],
  ],
  [
    'dollar signs, right after a word',
    `DELIMITER $$\n${procedure}$$\nselect 1$$`,
    [procedure, 'select 1'],
  ],
  ['letters', 'delimiter go\nselect 1 go select 2\ngo\n', ['select 1', 'select 2']],
  ['a quoted delimiter', `DELIMITER '//'\n${procedure}//`, [procedure]],
  [
    'CRLF',
    `DELIMITER //\r\n${procedure}//\r\nDELIMITER ;\r\nselect 1;\r\n`,
    [procedure, 'select 1'],
  ],
  ['an indented command', `  delimiter |\n${procedure} | select 1`, [procedure, 'select 1']],
  ['a semicolon before it', `DELIMITER //\n${procedure};\n//\n`, [procedure]],
  [
    'several statements before one delimiter',
    'DELIMITER //\nselect 1; select 2 // select 3//',
    ['select 1', 'select 2', 'select 3'],
  ],
  [
    'the delimiter in strings and comments',
    "DELIMITER //\nselect '//', `//` /* // */ # //\n-- //\n, 1//\nselect 2",
    ["select '//', `//` /* // */ # //\n-- //\n, 1", 'select 2'],
  ],
  [
    'a delimiter that was left out',
    `DELIMITER //\n${procedure}\nDELIMITER ;\nselect 1`,
    [procedure, 'select 1'],
  ],
  [
    'a program that is not complete',
    'DELIMITER //\ncreate procedure p() begin select 1;\n//\nselect 2',
    ['create procedure p() begin select 1', 'select 2'],
  ],
  [
    'a column of that name',
    'select\ndelimiter from t; select 1 delimiter',
    ['select\ndelimiter from t', 'select 1 delimiter'],
  ],
  [
    'columns of that name where a delimiter is set',
    'delimiter //\nselect a,\ndelimiter\nfrom t where\ndelimiter = 1 //select 1',
    ['select a,\ndelimiter\nfrom t where\ndelimiter = 1', 'select 1'],
  ],
  ['the command at the end of the script', 'select 1;\ndelimiter //', ['select 1']],
])('knows %s', (_name, script, statements) => {
  const parsed = splitMysql(script)
  expect(parsed.problem).toBeUndefined()
  expect(texts(parsed)).toEqual(statements)
})
