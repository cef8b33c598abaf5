import type { Connection } from 'mysql2'
import { cutOff, streamOf } from '../connect/answer-guard.ts'

/** The few ways in which the drop-in asks its one connection. */
export interface MysqlQueries {
  /** The rows of one query, each as a list of values. */
  rows(query: string): Promise<readonly (readonly unknown[])[]>
  /** Runs a whole script to its end, or ends the connection when the time is up. 0 is not a limit. */
  run(script: Uint8Array, timeoutMs: number): Promise<void>
  end(): Promise<void>
  destroy(): void
}

/** mysql2 keeps the character set of the connection here, and writes queries in its encoding. */
interface WithCharset {
  readonly config: { charsetNumber: number }
}

const binaryCharset = 63

const isUtf8 = (script: Uint8Array): boolean => {
  try {
    new TextDecoder('utf-8', { fatal: true }).decode(script)
    return true
  } catch {
    return false
  }
}

const rows = (connection: Connection, query: string): Promise<readonly (readonly unknown[])[]> =>
  new Promise((resolve, reject) => {
    connection.query({ sql: query, rowsAsArray: true }, (error, result) => {
      if (error !== null) reject(error)
      else resolve(Array.isArray(result) ? (result as readonly (readonly unknown[])[]) : [])
    })
  })

/** Rows are thrown away as they arrive. */
const execute = (connection: Connection, query: string): Promise<void> =>
  new Promise((resolve, reject) => {
    let failure: Error | undefined
    const recover = (): void => {
      connection.off('error', fail)
      if (failure === undefined) resolve()
      else reject(failure)
    }
    const fail = (error: Error): void => {
      failure = error
      recover()
    }
    // A query without a callback is not told when its connection ends.
    connection.on('error', fail)
    connection
      .query(query)
      .on('error', (error: Error) => (failure = error))
      .on('end', recover)
  })

const isLost = (error: unknown): boolean => {
  const { fatal, sqlMessage } = error as { fatal?: boolean; sqlMessage?: string }
  return fatal === true && sqlMessage === undefined
}

const deadline = (connection: Connection, timeoutMs: number): Promise<never> =>
  new Promise((_, reject) => {
    setTimeout(() => {
      cutOff(connection)
      reject(new Error('context deadline exceeded'))
    }, timeoutMs).unref()
  })

/** The queries of one connection. */
export const mysqlQueries = (connection: Connection): MysqlQueries => {
  let isBroken = false

  /** golang-migrate's client has one text for the query that notices a lost connection, another for those after it. */
  const onConnection = async <Value>(work: () => Promise<Value>): Promise<Value> => {
    if (isBroken) throw new Error('driver: bad connection')
    try {
      return await work()
    } catch (error) {
      if (!isLost(error)) throw error
      isBroken = true
      throw new Error('invalid connection', { cause: error })
    }
  }

  const run = async (script: Uint8Array): Promise<void> => {
    if (isUtf8(script)) {
      await execute(connection, Buffer.from(script).toString('utf8'))
      return
    }
    // The server gets the bytes as they are, as it does from golang-migrate.
    const { config } = connection as unknown as WithCharset
    const { charsetNumber } = config
    config.charsetNumber = binaryCharset
    try {
      await execute(connection, Buffer.from(script).toString('latin1'))
    } finally {
      config.charsetNumber = charsetNumber
    }
  }

  return {
    rows: (query) => onConnection(() => rows(connection, query)),
    run: (script, timeoutMs) =>
      onConnection(async () => {
        if (timeoutMs === 0) return await run(script)
        // A time that is over already ends the attempt before anything is sent.
        if (timeoutMs < 0) throw new Error('context deadline exceeded')
        try {
          await Promise.race([run(script), deadline(connection, timeoutMs)])
        } catch (error) {
          isBroken ||= error instanceof Error && error.message === 'context deadline exceeded'
          throw error
        }
      }),
    end: () =>
      new Promise((resolve) => {
        if (isBroken) {
          cutOff(connection)
          resolve()
          return
        }
        connection.end(() => {
          // A server that keeps its half of the connection open keeps the process no longer.
          streamOf(connection)?.unref?.()
          resolve()
        })
      }),
    destroy: () => cutOff(connection),
  }
}
