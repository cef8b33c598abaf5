import { string } from '../command-line/args.ts'
import { boolean } from '../command-line/flags.ts'
import { parseSteps } from '../command-line/arguments.ts'
import { BaseCommand } from '../oclif/base-command.ts'
import { confirmFlag, downFlags, runFlags } from '../command-line/shared-flags.ts'
import { count } from '@mig/app-kit/terminal'
import type { PlanReport, RunReport } from '../reports/reports.ts'

/** What `mig down` returns: what it did, or with `--dry-run` what it would do. */
export type DownResult = RunReport | PlanReport

export default class Down extends BaseCommand<typeof Down> {
  static override summary = 'Revert the last migration, the last N, or all of them.'
  static override examples = [
    '<%= config.bin %> <%= command.id %>',
    '<%= config.bin %> <%= command.id %> 3',
    '<%= config.bin %> <%= command.id %> --all',
  ]
  static override args = {
    n: string({ description: 'How many to revert. Default is 1.' }),
  }
  static override flags = {
    ...runFlags,
    ...downFlags,
    ...confirmFlag,
    all: boolean({ summary: 'Revert every migration, after a question.' }),
  }

  async run(): Promise<DownResult> {
    const all = this.flags.all === true
    if (all && this.args.n !== undefined) this.refuse('N and --all exclude each other')
    const steps = all ? 'all' : parseSteps(this.args.n ?? '1')
    if (this.flags['dry-run'] === true) {
      return this.showPlan({ kind: 'down', ...(steps === 'all' ? {} : { steps }) })
    }
    return this.migrate(async (migrator, options) => {
      const what = steps === 'all' ? 'every migration' : `the last ${count(steps, 'migration')}`
      const message = `This reverts ${what} of "${migrator.database.name}".`
      await this.confirm(migrator, { message, always: all })
      return migrator.down({ ...options, steps })
    })
  }
}
