import { describe, expect, test } from 'vitest'
import { createMigrator, memoryDatabase, memoryDriver, memorySource } from '../../src/index.ts'

const bytes = (text: string): Uint8Array => new TextEncoder().encode(text)

describe('scripts that cannot be run', () => {
  const run = async (script: string | Uint8Array) => {
    const database = memoryDatabase()
    const migrator = await createMigrator({
      source: memorySource({ '1_a.up.sql': 'create a;', '2_b.up.sql': script }),
      driver: memoryDriver(database),
    })
    const failure = await migrator.up().catch((error: unknown) => error)
    return { database, failure }
  }

  test('invalid UTF-8 names file and line, and nothing of it runs', async () => {
    const { database, failure } = await run(
      Uint8Array.from([...bytes('create b;\n-- '), 0xff, ...bytes('\ncreate c;')]),
    )
    expect(failure).toMatchObject({
      code: 'INVALID_BODY',
      message: '2_b.up.sql:2: the file is not valid UTF-8',
      details: { applied: [{ version: 1n }], state: { version: 1n, dirty: false } },
    })
    expect([...database.objects]).toEqual(['a'])
  })

  test('an unknown directive', async () => {
    const { failure } = await run('-- mig: transaktion=none\ncreate b;')
    expect(failure).toMatchObject({
      code: 'INVALID_BODY',
      details: { line: 1, excerpt: '-- mig: transaktion=none' },
    })
  })

  test('a byte order mark is not a part of the script', async () => {
    const { database } = await run('\uFEFFcreate b;')
    expect([...database.objects]).toEqual(['a', 'b'])
  })
})
