import { DatabaseSync } from 'node:sqlite'
import {
  defineCapabilities,
  emptyState,
  formatState,
  isMigrateError,
  MigrateError,
  sameState,
  statementError,
  versionFromRow,
  versionToRow,
  type TransactionalStep,
  type Driver,
  type DriverFactory,
  type NonTransactionalRun,
  type PreparedStep,
  type VersionState,
} from '@mig/core/driver'
import { splitSqlite } from '@mig/sql'

// #region open
/** Keeps a database in one file, with nothing but what Node brings along. */
export const fileDriver = (path: string): DriverFactory => ({
  name: 'sqlite-file',
  open: async ({ migrationsTable = 'schema_migrations', signal }) => {
    if (signal?.aborted === true) {
      throw new MigrateError('ABORTED', 'Cancelled while connecting', { cause: signal.reason })
    }
    try {
      const client = new DatabaseSync(path, { timeout: 1_000 })
      return openDriver(client, path, migrationsTable)
    } catch (error) {
      throw new MigrateError('CONNECTION_FAILED', `Cannot open "${path}"`, { cause: error })
    }
  },
})
// #endregion

/** Another connection is writing. */
const isBusy = (error: unknown): boolean =>
  error instanceof Error && 'errcode' in error && Number(error.errcode) % 256 === 5

const busy = (): MigrateError =>
  new MigrateError('DATABASE_FAILED', 'Another connection is writing', { hint: 'Try again.' })

/** Runs statements that are not the script's. */
const own = <T>(action: () => T): T => {
  try {
    return action()
  } catch (error) {
    if (isMigrateError(error)) throw error
    const message = error instanceof Error ? error.message : String(error)
    throw new MigrateError('DATABASE_FAILED', message, { cause: error })
  }
}

const openDriver = (client: DatabaseSync, path: string, migrationsTable: string): Driver => {
  const table = `main."${migrationsTable.replaceAll('"', '""')}"`
  let closed = false

  const db = (): DatabaseSync => {
    if (closed) throw new MigrateError('CONNECTION_LOST', 'The driver is closed')
    return client
  }

  // #region version-row
  const tableExists = (): boolean =>
    db()
      .prepare(`SELECT 1 FROM main.sqlite_master WHERE type = 'table' AND name = ?`)
      .get(migrationsTable) !== undefined

  const readVersion = (): VersionState => {
    if (!tableExists()) return emptyState
    const select = db().prepare(`SELECT version, dirty FROM ${table} LIMIT 1`)
    // Without this a version above 2^53 would be rounded.
    select.setReadBigInts(true)
    const row = select.get() as { version: bigint; dirty: bigint } | undefined
    if (row === undefined) return emptyState
    return { version: versionFromRow(row.version), dirty: row.dirty !== 0n }
  }

  const writeVersion = ({ version, dirty }: VersionState): void => {
    db().exec(`DELETE FROM ${table}`)
    if (version === null && !dirty) return
    db()
      .prepare(`INSERT INTO ${table} (version, dirty) VALUES (?, ?)`)
      .run(versionToRow(version), dirty ? 1 : 0)
  }
  // #endregion

  // #region transaction
  /** Runs an action in a transaction of its own, or nothing of it. Says `busy` where another connection is writing. */
  const transaction = <T>(action: () => T): T | 'busy' => {
    const client = db()
    try {
      client.exec('BEGIN IMMEDIATE')
    } catch (error) {
      if (isBusy(error)) return 'busy'
      throw new MigrateError('DATABASE_FAILED', 'Cannot begin a transaction', { cause: error })
    }
    try {
      return own(() => {
        const result = action()
        db().exec('COMMIT')
        return result
      })
    } catch (error) {
      rollback()
      throw error
    }
  }

  const rollback = (): void => {
    if (db().isTransaction) db().exec('ROLLBACK')
  }

  /** Moves the version row if it is exactly where it is thought to be. */
  const move = (from: VersionState, to: VersionState): boolean => {
    if (!sameState(readVersion(), from)) return false
    writeVersion(to)
    return true
  }
  // #endregion

  // #region run
  const execute = (step: PreparedStep, index: number, signal: AbortSignal | undefined): void => {
    if (signal?.aborted === true) {
      throw new MigrateError('ABORTED', 'Cancelled', { cause: signal.reason })
    }
    try {
      db().exec(step.parsed.statements.at(index)?.text ?? '')
    } catch (error) {
      const message = error instanceof Error ? error.message : String(error)
      throw statementError(step, { index, message, cause: error })
    }
  }

  const runStep = (step: TransactionalStep, signal?: AbortSignal): 'applied' | 'changed' => {
    const dirty = { version: step.to, dirty: true }
    if (!move({ version: step.from, dirty: false }, dirty)) return 'changed'
    for (let index = 0; index < step.parsed.statements.length; index++) {
      // The script's own BEGIN and COMMIT: this transaction takes their place.
      if (index === step.block?.begin || index === step.block?.end) continue
      execute(step, index, signal)
    }
    if (!move(dirty, { version: step.to, dirty: false })) throw versionMoved(step)
    return 'applied'
  }

  const versionMoved = (step: PreparedStep): MigrateError => {
    const message = `the version was changed while the step ran, to ${formatState(readVersion())}`
    return statementError(step, { message })
  }

  const nonTransactionalRun = (step: PreparedStep): NonTransactionalRun => ({
    statement: async (index, signal) => {
      execute(step, index, signal)
      return 'done'
    },
    finish: async () => {
      if (db().isTransaction) {
        throw statementError(step, { message: 'the script left a transaction open' })
      }
      const dirty = { version: step.to, dirty: true }
      const moved = transaction(() => move(dirty, { version: step.to, dirty: false }))
      if (moved === 'busy') throw busy()
      if (!moved) throw versionMoved(step)
    },
  })
  // #endregion

  return {
    capabilities: defineCapabilities({
      sessionLock: false,
      blocking: true,
      lockStrategies: ['none'],
    }),
    database: { name: path, server: 'SQLite', location: path, migrationsTable },
    split: splitSqlite,
    readState: async () => own(readVersion),
    // #region lock
    tryLock: async () => {
      db()
      return { held: true }
    },
    unlock: async () => undefined,
    clearLock: async () => ({ cleared: false }),
    // #endregion
    prepare: async () => {
      own(() => db().exec(`CREATE TABLE IF NOT EXISTS ${table} (version uint64, dirty bool)`))
      return { state: own(readVersion), ledger: 'off' }
    },
    // #region steps
    runTransactional: async ([step], signal) => {
      const startedAt = performance.now()
      const kind = transaction(() => runStep(step, signal))
      return kind === 'applied' ? { kind, durationsMs: [performance.now() - startedAt] } : { kind }
    },
    beginNonTransactional: async (step) => {
      const dirty = { version: step.to, dirty: true }
      const from = step.resume === true ? dirty : { version: step.from, dirty: false }
      const moved = transaction(() => move(from, dirty))
      if (moved === 'busy') return { kind: 'busy' }
      return moved ? { kind: 'started', run: nonTransactionalRun(step) } : { kind: 'changed' }
    },
    recover: async () => {
      rollback()
      return own(readVersion)
    },
    // #endregion
    makeDurable: async () => ({ confirmed: true }),
    writeState: async ({ to }) => {
      if (transaction(() => writeVersion(to)) === 'busy') throw busy()
    },
    appendEvent: async () => undefined,
    drop: async () => {
      const select = db().prepare(
        `SELECT type, name FROM main.sqlite_master
         WHERE type IN ('table', 'view') AND name NOT LIKE 'sqlite\\_%' ESCAPE '\\'`,
      )
      const dropped = transaction(() => {
        const objects = select.all() as { type: string; name: string }[]
        for (const { type, name } of objects) {
          db().exec(`DROP ${type} main."${name.replaceAll('"', '""')}"`)
        }
        return objects.map(({ name }) => name)
      })
      if (dropped === 'busy') throw busy()
      return { dropped }
    },
    close: async () => {
      if (closed) return
      closed = true
      client.close()
    },
  }
}
