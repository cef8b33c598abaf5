import type { Migrator, Version } from '@mig/core'
import { string } from '../command-line/args.ts'
import { parseVersionOrNone } from '../command-line/arguments.ts'
import { BaseCommand } from '../oclif/base-command.ts'
import { confirmFlag, downFlags, runFlags, upFlags } from '../command-line/shared-flags.ts'
import type { PlanReport, RunReport } from '../reports/reports.ts'

/** What `mig goto` returns: what it did, or with `--dry-run` what it would do. */
export type GotoResult = RunReport | PlanReport

export default class Goto extends BaseCommand<typeof Goto> {
  static override summary = 'Move up or down to a version.'
  static override examples = [
    '<%= config.bin %> <%= command.id %> 12',
    '<%= config.bin %> <%= command.id %> none',
  ]
  static override args = {
    version: string({
      required: true,
      description: 'The version, or "none" to revert every migration.',
    }),
  }
  static override flags = { ...runFlags, ...upFlags, ...downFlags, ...confirmFlag }

  async run(): Promise<GotoResult> {
    const version = parseVersionOrNone(this.args.version)
    if (this.flags['dry-run'] === true) return this.showPlan({ kind: 'goto', version })
    return this.migrate(async (migrator, options) => {
      await this.#confirm(migrator, version)
      return migrator.goto(version, options)
    })
  }

  async #confirm(migrator: Migrator, version: Version | null): Promise<void> {
    const { name } = migrator.database
    if (version === null) {
      const message = `This reverts every migration of "${name}".`
      return this.confirm(migrator, { message, always: true })
    }
    const { version: current } = await migrator.version()
    if (current === null || current <= version) return undefined
    return this.confirm(migrator, { message: `This reverts "${name}" to version ${version}.` })
  }
}
