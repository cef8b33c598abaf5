import { string } from '../command-line/args.ts'
import { parseSteps } from '../command-line/arguments.ts'
import { BaseCommand } from '../oclif/base-command.ts'
import { confirmFlag, downFlags, runFlags } from '../command-line/shared-flags.ts'
import { count } from '@mig/app-kit/terminal'
import type { RunReport } from '../reports/reports.ts'

/** What `mig redo` returns. */
export type RedoResult = RunReport

export default class Redo extends BaseCommand<typeof Redo> {
  static override summary = 'Revert the last migration, or the last N, and apply them again.'
  static override examples = ['<%= config.bin %> <%= command.id %>']
  static override args = {
    n: string({ description: 'How many to revert and apply again. Default is 1.' }),
  }
  static override flags = {
    'on-signal': runFlags['on-signal'],
    ...downFlags,
    ...confirmFlag,
  }

  async run(): Promise<RedoResult> {
    const steps = parseSteps(this.args.n ?? '1')
    return this.migrate(async (migrator, options) => {
      const { name } = migrator.database
      const message = `This reverts the last ${count(steps, 'migration')} of "${name}" and applies ${steps === 1 ? 'it' : 'them'} again.`
      await this.confirm(migrator, { message })
      return migrator.redo({ ...options, steps })
    })
  }
}
