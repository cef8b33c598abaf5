import { string } from '../command-line/args.ts'
import { boolean, string as stringFlag } from '../command-line/flags.ts'
import { BaseCommand } from '../oclif/base-command.ts'
import { createMigration } from '../create/create-migration.ts'
import { sourceFolder } from '../session/open-source.ts'
import { relativePath } from '../process/paths.ts'
import { field, lines } from '@mig/app-kit/terminal'

/** What `mig create` returns. */
export interface CreateResult {
  readonly version: string
  readonly up: string
  readonly down: string
}

export default class Create extends BaseCommand<typeof Create> {
  static override summary = 'Write an empty up and down file with the next version.'
  static override description =
    'Continues the numbering of the folder: its sequence with its padding, or its timestamps. An empty folder starts with 000001.'
  static override examples = ['<%= config.bin %> <%= command.id %> add_profiles_table']
  static override args = {
    name: string({
      required: true,
      description: 'What the migration does, as part of a file name.',
    }),
  }
  static override flags = {
    ext: stringFlag({ summary: 'Extension of the files.', default: 'sql', helpValue: 'EXT' }),
    timestamp: boolean({ summary: 'Use the time (UTC) as version, whatever the folder uses.' }),
    template: stringFlag({
      summary: 'Begin with FILE.up.sql and FILE.down.sql; {{name}} and {{version}} are filled in.',
      helpValue: 'FILE',
      env: 'MIG_TEMPLATE',
    }),
  }

  async run(): Promise<CreateResult> {
    const name = this.args.name.trim().replace(/\s+/g, '_')
    // oxlint-disable-next-line no-control-regex -- no file name can hold them
    if (name === '' || /[/\\\u0000-\u001f]/.test(name)) {
      this.refuse(`"${this.args.name}" cannot be part of a file name`)
    }
    const extension = this.flags.ext.replace(/^\./, '')
    if (!/^[\w.-]+$/.test(extension)) this.refuse(`"${this.flags.ext}" is not a file extension`)
    const { cwd } = this.runtime
    const { version, up, down } = await createMigration({
      folder: sourceFolder(this.settings),
      name,
      extension,
      timestamp: this.flags.timestamp === true,
      template: this.settings.template,
      now: new Date(),
    })
    const result = { version, up: relativePath(up, cwd), down: relativePath(down, cwd) }
    this.print(lines(field(result.up), field(result.down)))
    return result
  }
}
