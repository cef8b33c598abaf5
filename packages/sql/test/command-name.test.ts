import { expect, test } from 'vitest'
import { ddlCommand } from '../src/command-name.ts'

test.each([
  ['CREATE TABLE A', 'CREATE TABLE'],
  ['CREATE OR REPLACE TEMP VIEW V', 'CREATE VIEW'],
  ['CREATE EVENT TRIGGER E', 'CREATE EVENT TRIGGER'],
  ['CREATE EVENT E', 'CREATE EVENT'],
  ['CREATE CONSTRAINT TRIGGER T', 'CREATE TRIGGER'],
  ['ALTER TEXT SEARCH PARSER P', 'ALTER TEXT SEARCH PARSER'],
  ['DROP OPERATOR + ( A , B )', 'DROP OPERATOR'],
  ['DROP OPERATOR CLASS C', 'DROP OPERATOR CLASS'],
  ['CREATE USER MAPPING FOR A', 'CREATE USER MAPPING'],
  ['CREATE DEFINER = " @ " SQL SECURITY INVOKER VIEW V', 'CREATE VIEW'],
  ['CREATE NOSUCH A', 'CREATE'],
  ['', ''],
])('%s is %s', (tokens, command) => {
  expect(ddlCommand(tokens.split(' '))).toBe(command)
})
