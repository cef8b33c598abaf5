import { provenRemedy, remedyText, type Migrator, type RepairOptions } from '@mig/core'
import { boolean, string } from '../command-line/flags.ts'
import { parseSteps } from '../command-line/arguments.ts'
import { BaseCommand } from '../oclif/base-command.ts'
import { doctorReport, repairReport, type RepairReport } from '../reports/doctor-report.ts'
import { confirmFlag } from '../command-line/shared-flags.ts'
import { choose } from '../process/prompt.ts'
import { renderDoctor, renderRepair } from '../render/doctor.ts'

/** What `mig repair` returns. */
export type RepairResult = RepairReport

const actions = ['resume', 'rolled-back', 'applied'] as const

export default class Repair extends BaseCommand<typeof Repair> {
  static override summary = 'Fix a dirty database, on record.'
  static override description =
    'Never guesses: without a flag it shows what the doctor finds and offers what record and catalog prove.'
  static override examples = [
    '<%= config.bin %> <%= command.id %>',
    '<%= config.bin %> <%= command.id %> --resume',
    '<%= config.bin %> <%= command.id %> --rolled-back --reason "dropped the table by hand"',
  ]
  static override flags = {
    ...confirmFlag,
    resume: boolean({
      summary: 'Go on after the last statement that is in effect.',
      exclusive: ['rolled-back', 'applied'],
    }),
    'rolled-back': boolean({
      summary: 'Nothing of the step is in effect: the version goes back.',
      exclusive: ['resume', 'applied'],
    }),
    applied: boolean({
      summary: 'All of the step is in effect: the version stays.',
      exclusive: ['resume', 'rolled-back'],
    }),
    'from-statement': string({
      summary: 'The first statement to run, where it cannot be told.',
      helpValue: 'N',
      dependsOn: ['resume'],
    }),
    'drop-invalid-indexes': boolean({
      summary: 'Remove INVALID indexes first (PostgreSQL, DROP INDEX CONCURRENTLY).',
    }),
    reason: string({ summary: 'Why, for the record.', helpValue: 'TEXT' }),
  }

  async run(): Promise<RepairResult> {
    const { reason, 'from-statement': from } = this.flags
    const given: RepairOptions = {
      ...(reason === undefined ? {} : { reason }),
      ...(from === undefined ? {} : { fromStatement: parseSteps(from) }),
      dropInvalidIndexes: this.flags['drop-invalid-indexes'] === true,
    }
    const action = actions.find((name) => this.flags[name] === true)
    const report = await this.withMigrator(async (migrator) => {
      const chosen = action ?? (await this.#offer(migrator, given))
      const { name } = migrator.database
      await this.confirm(migrator, { message: `This repairs "${name}".` })
      const options = chosen === undefined ? given : { ...given, action: chosen }
      return repairReport(name, await migrator.repair(options))
    })
    this.say(renderRepair(report))
    return report
  }

  /** Shows what is wrong and lets the user choose; what is proven needs a yes only. */
  async #offer(
    migrator: Migrator,
    { dropInvalidIndexes }: RepairOptions,
  ): Promise<(typeof actions)[number] | undefined> {
    const found = await migrator.doctor()
    const { diagnosis } = found
    if (diagnosis === undefined || dropInvalidIndexes === true) return undefined
    const report = doctorReport(migrator.database, found, (text) => this.foreign(text))
    this.say(renderDoctor(report, this.style))
    const proven = provenRemedy(diagnosis)
    if (proven !== undefined) {
      const message = remedyText(diagnosis, proven)
      await this.confirm(migrator, { message, always: true })
      // It is proven once more, under the lock.
      return undefined
    }
    // Without a terminal the migrator's own error says what has to be told.
    const answer = await choose(['rolled-back', 'applied'], this.runtime)
    return actions.find((name) => name === answer)
  }
}
