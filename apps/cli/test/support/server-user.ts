import { sharedServer, type DatabaseKind, type ServerKind } from '@mig/testing'
import { randomBytes } from 'node:crypto'
import { inspect } from '../crash/inspector.ts'
import { isPostgres } from './server-app.ts'

/** A user of the server's, and the URL of a database with that user's name in it. */
export interface ServerUser {
  readonly url: string
  /** The user as SQL names it. */
  readonly name: string
  [Symbol.asyncDispose](): Promise<void>
}

/** Runs statements, one after the other, on a connection of the test's own. */
export const execute = async (
  kind: DatabaseKind,
  url: string,
  statements: readonly string[],
): Promise<void> => {
  await using inspector = await inspect(kind, url)
  for (const statement of statements) await inspector.rows(statement)
}

/** Creates a user who has no rights yet. */
export const serverUser = async (
  kind: ServerKind,
  databaseUrl: string,
  password = 'lowly',
): Promise<ServerUser> => {
  const quoted = `'${password.replaceAll("'", "''")}'`
  const { url: adminUrl } = await sharedServer(kind)
  const user = `mig_${randomBytes(4).toString('hex')}`
  const name = isPostgres(kind) ? user : `'${user}'@'%'`
  await execute(kind, adminUrl, [
    isPostgres(kind)
      ? `create role ${user} login password ${quoted}`
      : `create user ${name} identified by ${quoted}`,
  ])
  const parts = new URL(databaseUrl)
  parts.username = user
  parts.password = encodeURIComponent(password)
  return {
    url: parts.href,
    name,
    async [Symbol.asyncDispose]() {
      if (isPostgres(kind)) {
        await execute(kind, databaseUrl, [
          `reassign owned by ${user} to current_user`,
          `drop owned by ${user}`,
          `drop role ${user}`,
        ])
      } else {
        await execute(kind, adminUrl, [`drop user ${name}`])
      }
    },
  }
}
