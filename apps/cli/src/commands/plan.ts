import { string } from '../command-line/args.ts'
import { parseVersionOrNone } from '../command-line/arguments.ts'
import { BaseCommand } from '../oclif/base-command.ts'
import type { PlanReport } from '../reports/reports.ts'

/** What `mig plan` returns. */
export type PlanResult = PlanReport

export default class Plan extends BaseCommand<typeof Plan> {
  static override summary = 'Show what would run to get to a version, and how. Changes nothing.'
  static override description =
    'Every step with its kind (transactional: in one transaction; non-transactional: statement by statement under the dirty mark), the reason, and its statements. --verbose shows their text, also with --json.'
  static override examples = [
    '<%= config.bin %> <%= command.id %>',
    '<%= config.bin %> <%= command.id %> 12 --verbose',
  ]
  static override args = {
    version: string({ description: 'The version to get to, or "none". Default is the newest.' }),
  }

  async run(): Promise<PlanResult> {
    const { version } = this.args
    return this.showPlan(
      version === undefined
        ? { kind: 'up' }
        : { kind: 'goto', version: parseVersionOrNone(version) },
    )
  }
}
