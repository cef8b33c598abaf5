import { BaseCommand } from '../oclif/base-command.ts'
import { field, lines, shown } from '@mig/app-kit/terminal'

/** What `mig unlock` returns. */
export interface UnlockResult {
  readonly database: string
  /** A lock that a dead process left was removed. */
  readonly cleared: boolean
  /** Who holds the lock now, or `null`. */
  readonly holder: string | null
}

export default class Unlock extends BaseCommand<typeof Unlock> {
  static override summary = 'Remove the lock that a dead process left, and say who holds it.'
  static override examples = ['<%= config.bin %> <%= command.id %> --lock table']

  async run(): Promise<UnlockResult> {
    const report = await this.withMigrator(async (migrator) => {
      const { cleared, holder } = await migrator.unlock()
      return {
        database: migrator.database.name,
        cleared,
        holder: holder === undefined ? null : this.foreign(holder),
      }
    })
    const { cleared, holder } = report
    this.say(
      lines(
        ...(cleared ? [shown`Removed a lock that nobody held any more.`] : []),
        holder === null
          ? shown`Nobody holds the lock.`
          : shown`The lock is held by ${field(holder)}.`,
      ),
    )
    return report
  }
}
