import { BaseCommand } from '../oclif/base-command.ts'
import { confirmFlag } from '../command-line/shared-flags.ts'
import { count, field, lines, shown } from '@mig/app-kit/terminal'

/** What `mig drop` returns. */
export interface DropResult {
  readonly database: string
  /** Names of what is gone. */
  readonly dropped: readonly string[]
}

export default class Drop extends BaseCommand<typeof Drop> {
  static override summary = 'Delete everything in the database, after a question.'
  static override examples = ['<%= config.bin %> <%= command.id %>']
  static override flags = { ...confirmFlag }

  async run(): Promise<DropResult> {
    const report = await this.withMigrator(async (migrator) => {
      const { name, location } = migrator.database
      const message = `This deletes everything in "${field(name)}" (${field(location)}). There is no way back.`
      await this.confirm(migrator, { message, needsName: true, always: true })
      const { dropped } = await migrator.drop()
      return { database: name, dropped }
    })
    const { dropped } = report
    if (this.settings.verbose) this.say(lines(...dropped.map((name) => shown`  ${field(name)}`)))
    this.say(
      lines(
        dropped.length === 0
          ? shown`The database was empty already.`
          : shown`Dropped ${count(dropped.length, 'object')}.`,
      ),
    )
    return report
  }
}
