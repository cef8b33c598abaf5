import { string } from '../command-line/args.ts'
import { string as stringFlag } from '../command-line/flags.ts'
import { parseSteps, parseVersion } from '../command-line/arguments.ts'
import { BaseCommand } from '../oclif/base-command.ts'
import { runFlags, upFlags } from '../command-line/shared-flags.ts'
import type { PlanReport, RunReport } from '../reports/reports.ts'

/** What `mig up` returns: what it did, or with `--dry-run` what it would do. */
export type UpResult = RunReport | PlanReport

export default class Up extends BaseCommand<typeof Up> {
  static override summary = 'Apply pending migrations: all of them, or the next N.'
  static override examples = [
    '<%= config.bin %> <%= command.id %>',
    '<%= config.bin %> <%= command.id %> 1 --dry-run',
    '<%= config.bin %> <%= command.id %> --to 12 --wait 30s',
  ]
  static override args = {
    n: string({ description: 'How many to apply. Default is all.' }),
  }
  static override flags = {
    ...runFlags,
    ...upFlags,
    to: stringFlag({ summary: 'Apply up to this version.', helpValue: 'VERSION' }),
  }

  async run(): Promise<UpResult> {
    const steps = this.args.n === undefined ? undefined : parseSteps(this.args.n)
    const to = this.flags.to === undefined ? undefined : parseVersion(this.flags.to)
    if (steps !== undefined && to !== undefined) this.refuse('N and --to exclude each other')
    if (this.flags['dry-run'] === true) {
      const count = steps === undefined ? {} : { steps }
      return this.showPlan(
        to === undefined ? { kind: 'up', ...count } : { kind: 'goto', version: to },
      )
    }
    return this.migrate((migrator, options) =>
      migrator.up({
        ...options,
        ...(steps === undefined ? {} : { steps }),
        ...(to === undefined ? {} : { to }),
      }),
    )
  }
}
