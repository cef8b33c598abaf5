import { execFile } from 'node:child_process'
import { fileURLToPath } from 'node:url'
import { promisify } from 'node:util'
import { atDepth } from '@mig/internal-testing'
import { testDatabase } from '@mig/testing'
import { describeDatabase } from '@mig/testing/vitest'
import { expect, test } from 'vitest'
import { run, tablesOf } from '../admin.ts'
import { attempt } from '../attempt.ts'

const parsed = fileURLToPath(new URL('./run-large-script.ts', import.meta.url))

/** How much of each script's full size, 100 MB say, is tried. */
const share = atDepth({ quick: 0.1, ci: 1, full: 1 })

describeDatabase('postgres', 'big scripts', (kind) => {
  test.each([['inserts'], ['statement'], ['rows'], ['notices']])(
    '25 big: %s, with little more memory than the script itself takes',
    async (name) => {
      await using database = await testDatabase(kind)
      const { stdout } = await promisify(execFile)(
        process.execPath,
        ['--conditions=@mig/source', parsed, name, String(share)],
        { env: { ...process.env, MIG_TEST_DATABASE: database.url } },
      )
      expect(Number(stdout.trim())).toBeLessThan(60_000)
      expect(await run(database.url, 'SELECT version::int, dirty FROM schema_migrations')).toEqual([
        { version: 1, dirty: false },
      ])
      const tables = await tablesOf(database.url)
      expect(tables.includes('big')).toBe(name === 'inserts')
    },
  )

  test('an error deep in a large script is found, and nothing of the script stays', async () => {
    await using database = await testDatabase(kind)
    const rows = Array.from(
      { length: 3000 },
      (_, i) => `insert into a values (${i}, '${'ä'.repeat(200)}');`,
    )
    rows[2500] = 'insert into a values (1, nonsense);'
    const done = await attempt(database.url, {
      '1_a.up.sql': ['create table a(i int, t text);', ...rows].join('\n'),
    })
    expect(done.error?.details.failed).toMatchObject({
      statement: 2502,
      line: 2502,
      column: 26,
      serverCode: '42703',
    })
    expect(done.state).toEqual({ version: null, dirty: false })
  })

  test('an error without a position in a large script is found by counting', async () => {
    await using database = await testDatabase(kind)
    const rows = Array.from(
      { length: 3000 },
      (_, i) => `insert into a values (${i}, '${'x'.repeat(200)}');`,
    )
    rows[2700] = rows[5] ?? ''
    const done = await attempt(database.url, {
      '1_a.up.sql': ['BEGIN;\ncreate table a(i int primary key, t text);', ...rows, 'COMMIT;'].join(
        '\n',
      ),
    })
    expect(done.error?.details.failed).toMatchObject({
      statement: 2703,
      line: 2703,
      serverCode: '23505',
    })
    expect(done.state).toEqual({ version: null, dirty: false })
  })

  test('COPY FROM STDIN that the lexer missed does not hang', async () => {
    await using database = await testDatabase(kind)
    const done = await attempt(database.url, {
      '1_a.up.sql': "create table a(i int); do $$begin execute 'copy a from stdin'; end$$",
    })
    expect(done.error?.code).toBe('MIGRATION_FAILED')
    expect(done.state).toEqual({ version: null, dirty: false })
  })
})
