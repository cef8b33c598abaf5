import type { DropReport } from '@mig/core/driver'
import type { SqliteConnection } from './session/session.ts'
import { whenFree, write } from './lock/lock.ts'
import { quoteName, readPragma } from './session/pragma-snapshot.ts'
import { columnsOf, hasTable } from './tables/version-table.ts'

/** Views first: they may use tables. Then virtual tables, which take their shadow tables along. */
const objects = `
  SELECT name, type FROM pragma_table_list
  WHERE schema = 'main' AND type IN ('view', 'virtual', 'table')
    AND name <> 'sqlite_schema' AND name <> 'sqlite_sequence'
  ORDER BY type DESC, name`

/** Drops everything in the main database; triggers and indexes go with their tables. */
export const dropAll = async (connection: SqliteConnection): Promise<DropReport> => {
  const { client } = connection
  connection.requireIdle()
  const foreignKeys = readPragma(client, 'foreign_keys')
  client.exec('PRAGMA foreign_keys=OFF')
  try {
    const dropped = await write(connection, 'drop the tables', () => dropObjects(connection))
    await whenFree(connection, 'give the space of the dropped tables back with VACUUM', () =>
      client.exec('VACUUM main'),
    )
    return { dropped }
  } finally {
    client.exec(`PRAGMA foreign_keys=${foreignKeys}`)
  }
}

const dropObjects = (connection: SqliteConnection): string[] => {
  const dropped: string[] = []
  for (const row of connection.statement(objects).all()) {
    const [name, type] = columnsOf(row)?.map(String) ?? []
    if (name === undefined || !hasTable(connection, name)) continue
    connection.client.exec(`DROP ${type === 'view' ? 'VIEW' : 'TABLE'} main.${quoteName(name)}`)
    dropped.push(name)
  }
  return dropped
}
