import Database from 'better-sqlite3'
import { describe, expect, test } from 'vitest'
import { splitMysql, splitPostgres, splitSqlite } from '../src/index.ts'
import { corpusFiles } from './support/corpus.ts'
import { parserRanges, splitRanges } from './support/postgres-parser.ts'

const postgres = corpusFiles('pocket-id-postgres', '.sql')
// Has commas where its statements end, so that the parser refuses it, as the server does.
const NOT_SQL = '20250408120918_app_config_cols.down.sql'

describe.skipIf(postgres.length === 0)('PostgreSQL files', () => {
  test("are cut at the same bytes as by PostgreSQL's own parser", () => {
    expect(postgres.length).toBeGreaterThan(100)
    const sound = postgres.filter(({ name }) => name !== NOT_SQL)
    const ours = sound.map(({ name, script }) => [name, splitRanges(splitPostgres(script), script)])
    expect(ours).toEqual(sound.map(({ name, script }) => [name, parserRanges(script)]))
  })

  test('have statements that the parser refuses, which are cut all the same', () => {
    const script = postgres.find(({ name }) => name === NOT_SQL)?.script ?? ''
    expect(() => parserRanges(script)).toThrow('syntax error')
    expect(splitPostgres(script).statements.length).toBe(4)
  })
})

const sqlite = corpusFiles('pocket-id-sqlite', '.up.sql')

/** A database with what the project's own program gives to its connection. */
function openDatabase(): Database.Database {
  const database = new Database(':memory:')
  database.pragma('foreign_keys = off')
  database.function('normalize', (text, form) => String(text).normalize(String(form).toUpperCase()))
  return database
}

describe.skipIf(sqlite.length === 0)('SQLite files', () => {
  test('are cut into statements that SQLite takes for one each', () => {
    const database = openDatabase()
    const whole = openDatabase()
    for (const { name, script } of sqlite) {
      const { statements, problem } = splitSqlite(script)
      expect(problem).toBeUndefined()
      for (const { text, line } of statements) {
        try {
          // Throws where the text is more or less than one statement.
          const statement = database.prepare(text)
          if (statement.reader) statement.all()
          else statement.run()
        } catch (error) {
          throw new Error(`${name}:${line}`, { cause: error })
        }
      }
      whole.exec(script)
    }
    const schema = 'select type, name, sql from sqlite_schema order by name'
    expect(database.prepare(schema).all()).toEqual(whole.prepare(schema).all())
    expect(database.prepare(schema).all().length).toBeGreaterThan(20)
  })
})

const mysql = corpusFiles('kratos-mysql', '.sql')

describe.skipIf(mysql.length === 0)('MySQL files', () => {
  test('have statements, and no problem', () => {
    expect(mysql.length).toBeGreaterThan(500)
    const empty = mysql.filter(({ script }) => splitMysql(script).statements.length === 0)
    const broken = mysql.filter(({ script }) => splitMysql(script).problem !== undefined)
    expect([...empty, ...broken].map(({ name }) => name)).toEqual([])
  })
})
