import {
  MigrateError,
  type Migrator,
  type MigratorEvent,
  type RunOptions,
  type RunResult,
  type Target,
} from '@mig/core'
import type { Command } from '@oclif/core/command'
import type { ArgInput, FlagInput, InferredArgs, InferredFlags } from '@oclif/core/interfaces'
import { boolean } from '../command-line/flags.ts'
import { parsePlain, type ParsedCommandLine } from '../command-line/parse-plain.ts'
import type { CommandConfig } from './command-config.ts'
import { loadSettings, type Settings } from '../config/load-settings.ts'
import { exitCodeOf } from './exit-code.ts'
import { sharedFlags } from '../command-line/shared-flags.ts'
import { failureJson, jsonText, wantsJson, type JsonSuccess } from '../reports/json.ts'
import { sourceFolder } from '../session/open-source.ts'
import { relativePath } from '../process/paths.ts'
import { jsonLimits, pageLimits, presentableError } from '../render/presentable-error.ts'
import { ProgressPrinter } from '../reports/progress-printer.ts'
import { ask } from '../process/prompt.ts'
import { isProtected } from '../session/protection.ts'
import { renderError } from '../render/error.ts'
import { renderPlan } from '../render/plan.ts'
import { renderRun } from '../render/result.ts'
import { createStyle, showsUnicode, wantsColor, type Style } from '../render/style.ts'
import { field, lines, printable, type Shown } from '@mig/app-kit/terminal'
import { planReport, runReport, type PlanReport, type RunReport } from '../reports/reports.ts'
import { runtimeOf, type Output, type Runtime } from '../process/runtime.ts'
import { openMigrator } from '../session/session.ts'
import { SignalWatch } from '../process/signal-watch.ts'
import { silentExitOf, toMigrateError } from './to-migrate-error.ts'
import type { ChangedReport } from '../reports/verify-report.ts'

/** The static side of a command. oclif reads it for help and completion. */
export interface CommandClass {
  readonly id: string
  readonly summary: string | undefined
  readonly description: string | undefined
  readonly examples: readonly Command.Example[] | undefined
  readonly aliases: readonly string[]
  readonly args: ArgInput
  readonly flags: FlagInput
  readonly baseFlags: FlagInput
  readonly enableJsonFlag: boolean
  readonly strict: boolean
}

type Flags<T extends CommandClass> = InferredFlags<typeof sharedFlags & T['flags']>
type Args<T extends CommandClass> = InferredArgs<T['args']>

const jsonFlag = { json: boolean() }

/** A flag's environment variable is for its help only: settings are put together by `loadSettings`. */
const withoutVariables = <T extends object>(
  flags: Readonly<Record<string, T>>,
): Record<string, T> =>
  Object.fromEntries(
    Object.entries(flags).map(([name, flag]) => [name, { ...flag, env: undefined }]),
  )

/** What is piped into mig is not an argument: `cat answers | mig up` applies everything, and not as many as a line says. */
const notFromStdin = (args: ArgInput): ArgInput =>
  Object.fromEntries(
    Object.entries(args).map(([name, arg]) => [
      name,
      Object.assign({}, arg, { ignoreStdin: true }),
    ]),
  )

/**
 * What all commands share: flags, settings, the way to the database, signals, output, errors.
 *
 * What `run` returns is what `--json` prints.
 *
 * It has the static members that oclif asks commands for, and does not extend oclif's class: that loads more than a
 * hundred files, which takes longer than Node takes to start.
 */
export abstract class BaseCommand<T extends CommandClass> {
  static id = ''
  static summary: string | undefined
  static description: string | undefined
  static examples: Command.Example[] | undefined
  static aliases: string[] = []
  static args: ArgInput = {}
  static flags: FlagInput = {}
  static baseFlags: FlagInput = sharedFlags
  static enableJsonFlag = true
  static strict = true

  protected readonly argv: readonly string[]
  protected readonly config: CommandConfig
  protected readonly runtime: Runtime
  protected settings!: Settings
  protected flags!: Flags<T>
  protected args!: Args<T>
  protected style!: Style
  readonly #class: CommandClass
  #noColor = false
  #folder: string | undefined
  #watch: SignalWatch | undefined

  /** Runs the command, for oclif as for mig itself. */
  static async run<C extends BaseCommand<never>>(
    this: new (argv: readonly string[], config: CommandConfig) => C,
    argv: readonly string[],
    config: CommandConfig,
  ): Promise<unknown> {
    return new this(argv, config).#start()
  }

  constructor(argv: readonly string[], config: CommandConfig) {
    this.argv = argv
    this.config = config
    this.#class = new.target
    this.runtime = runtimeOf(config)
  }

  /** Does what the command is for. */
  abstract run(): Promise<unknown>

  /** The command as people type it. */
  protected get id(): string {
    return this.#class.id.replaceAll(':', ' ')
  }

  /** Whether the result is printed as JSON, also while the command line is not read yet. */
  protected jsonEnabled(): boolean {
    return wantsJson(this.argv, this.runtime.env)
  }

  async #start(): Promise<unknown> {
    let result: unknown
    try {
      await this.init()
      result = await this.run()
    } catch (error) {
      await this.catch(error)
      return undefined
    }
    if (result !== undefined && this.jsonEnabled()) this.#printJson(this.toSuccessJson(result))
    return result
  }

  /** Reads the command line. oclif is loaded where it is not a simple one, such as one that is wrong. */
  async #parse(): Promise<ParsedCommandLine> {
    const { args, flags, baseFlags, enableJsonFlag, strict } = this.#class
    const definition = {
      args: notFromStdin(args),
      flags: withoutVariables({ ...(enableJsonFlag ? jsonFlag : {}), ...baseFlags, ...flags }),
    }
    const plain = strict ? parsePlain(this.argv, definition) : undefined
    if (plain !== undefined) return plain
    const { parse } = await import('@oclif/core/parser')
    return parse([...this.argv], { ...definition, strict })
  }

  protected async init(): Promise<void> {
    this.#noColor = this.argv.includes('--no-color')
    const parsed = await this.#parse()
    this.flags = parsed.flags as Flags<T>
    this.args = parsed.args as Args<T>
    const { env, cwd, redactor } = this.runtime
    const warnings: string[] = []
    try {
      this.settings = await loadSettings({
        flags: parsed.flags,
        env,
        cwd,
        warn: (message) => warnings.push(message),
        onDotenv: (values) => redactor.addVariables(values),
      })
    } finally {
      // Also where it failed: what was passed over may be the reason.
      this.#warn(warnings)
    }
    redactor.addUrl(this.settings.database)
    redactor.addUrl(this.settings.source)
    this.#folder = relativePath(sourceFolder(this.settings), cwd)
    this.style = this.#styleFor(this.runtime.stdout)
  }

  /** A text of somebody else that becomes part of a result, its secrets hidden. */
  protected foreign(text: string): string {
    return this.runtime.redactor.redact(text)
  }

  #warn(messages: readonly string[]): void {
    const { runtime } = this
    const { quiet: asked } = this.flags as { readonly quiet?: boolean }
    const quiet = this.settings?.quiet ?? asked === true
    const progress = new ProgressPrinter(runtime.stderr, this.#styleFor(runtime.stderr), { quiet })
    for (const message of messages) progress.warn(message)
  }

  /** Prints a result. */
  protected print(text: Shown): void {
    if (!this.jsonEnabled()) this.runtime.stdout.write(text)
  }

  /** Prints a result that `--quiet` leaves out: the user knows what they asked for. */
  protected say(text: Shown): void {
    if (!this.settings.quiet) this.print(text)
  }

  /** Says on stderr what is about to happen. `--quiet` leaves it out. */
  protected tell(text: string): void {
    if (!this.settings.quiet) this.runtime.stderr.write(lines(printable(text, '  ')))
  }

  /** Connects, does something, and closes. */
  protected async withMigrator<R>(action: (migrator: Migrator) => Promise<R>): Promise<R> {
    return this.#connected((migrator) => action(migrator))
  }

  /** Shows what a run would do. */
  protected async showPlan(target: Target): Promise<PlanReport> {
    const report = await this.withMigrator(async (migrator) =>
      planReport(migrator.database.name, await migrator.plan(target), {
        missingDown: this.settings.missingDown,
        ...(this.settings.verbose ? { sql: (text) => this.foreign(text) } : {}),
      }),
    )
    this.print(renderPlan(report, this.style, this.settings))
    return report
  }

  /** Runs migrations and shows what came of it. A run that a signal ended early is an error. */
  protected async migrate(
    action: (migrator: Migrator, options: RunOptions) => Promise<RunResult>,
  ): Promise<RunReport> {
    const { missingDown, outOfOrder, allowAhead } = this.settings
    const report = await this.#connected(async (migrator, { stop, cancel }) => {
      const result = await action(migrator, {
        stop,
        signal: cancel,
        missingDown,
        outOfOrder,
        allowAhead,
      })
      if (!result.stopped) {
        return runReport(migrator.database.name, result, (text) => this.foreign(text))
      }
      const { steps, to } = result
      throw new MigrateError('ABORTED', 'The run was ended before its last step', {
        hint: 'Run the command again to go on.',
        details: { applied: steps, state: to },
      })
    })
    for (const text of renderRun(report, this.style)) this.say(text)
    return report
  }

  /** Ends the command as one that was not understood. */
  protected refuse(message: string): never {
    throw new MigrateError('USAGE', message, { hint: `See "mig ${this.id} --help".` })
  }

  /**
   * Asks before something that cannot be undone. In a protected environment only the database's name will do, typed or
   * passed with `--confirm`; `--yes` is not enough there.
   */
  protected async confirm(
    migrator: Migrator,
    question: { readonly message: string; readonly needsName?: boolean; readonly always?: boolean },
  ): Promise<void> {
    const { settings, runtime } = this
    const { name } = migrator.database
    const cancel = this.#watch?.cancel
    const { confirm: confirmed } = this.flags as { readonly confirm?: string }
    if (confirmed !== undefined && confirmed !== name) {
      throw new MigrateError(
        'USAGE',
        `--confirm names "${confirmed}", and the database is "${name}"`,
        { details: { option: '--confirm' } },
      )
    }
    if (confirmed === name) return
    if (await isProtected(settings, this.config, runtime.cwd)) {
      const message = `${question.message} The environment is protected.`
      return ask({ message, expected: name, flag: `--confirm ${name}` }, runtime, cancel)
    }
    if (question.always !== true || settings.yes) return
    const expected = question.needsName === true ? name : 'yes'
    return ask({ message: question.message, expected, flag: '--yes' }, runtime, cancel)
  }

  protected async catch(error: unknown): Promise<void> {
    const silent = silentExitOf(error)
    if (silent !== undefined) {
      this.runtime.exitCode = silent
      return
    }
    const failure = toMigrateError(error, this.id)
    const exitCode = exitCodeOf(failure, this.#watch?.received)
    this.runtime.exitCode = exitCode
    const changed = await this.#changesOf(failure)
    const { redactor } = this.runtime
    if (this.jsonEnabled()) {
      const presentable = presentableError(failure, redactor, jsonLimits)
      this.#printJson(failureJson(this.id, presentable, exitCode, changed))
      return
    }
    const verbose = this.argv.some((arg) => arg === '--verbose' || arg === '-v')
    this.runtime.stderr.write(
      renderError(
        presentableError(failure, redactor, pageLimits),
        { folder: this.#folder, verbose: this.settings?.verbose ?? verbose, changed },
        this.#styleFor(this.runtime.stderr),
      ),
    )
  }

  /** What was changed in the files that made a run stop, where git knows. */
  async #changesOf({ details }: MigrateError): Promise<readonly ChangedReport[] | undefined> {
    if (details.changed === undefined || this.#folder === undefined) return undefined
    const [{ changedReports }, { findOldText }] = await Promise.all([
      import('../reports/verify-report.ts'),
      import('../git/find-old-text.ts'),
    ])
    const folder = sourceFolder(this.settings)
    return changedReports(details.changed, {
      folder,
      findOldText: findOldText(this.settings.distrust),
      redact: (text) => this.foreign(text),
    })
  }

  protected toSuccessJson(result: unknown): JsonSuccess {
    return { ok: true, command: this.id, result }
  }

  #printJson(json: unknown): void {
    this.runtime.stdout.write(jsonText(json))
  }

  #styleFor({ isTTY }: Output): Style {
    const { env } = this.runtime
    return createStyle({ color: wantsColor(env, isTTY, this.#noColor), unicode: showsUnicode(env) })
  }

  async #connected<R>(action: (migrator: Migrator, watch: SignalWatch) => Promise<R>): Promise<R> {
    const { settings, config, runtime } = this
    const style = this.#styleFor(runtime.stderr)
    const progress = new ProgressPrinter(runtime.stderr, style, { quiet: settings.quiet })
    const warn = (message: string): void => progress.warn(message)
    const watch = new SignalWatch({
      source: runtime.signals,
      onSignal: settings.onSignal,
      tell: (message) => progress.note(field(message)),
    })
    this.#watch = watch
    const onEvent = (event: MigratorEvent): void => {
      watch.follow(event)
      progress.handle(event)
    }
    try {
      const signal = watch.cancel
      const migrator = await openMigrator({ settings, config, runtime, onEvent, warn, signal })
      return await this.#closing(migrator, progress, async () => {
        if (migrator.capabilities.blocking) await watch.release()
        return action(migrator, watch)
      })
    } finally {
      watch.close()
      progress.stop()
    }
  }

  /** Closes the migrator. A failure to close counts, unless there is one already that explains it. */
  async #closing<R>(
    migrator: Migrator,
    progress: ProgressPrinter,
    action: () => Promise<R>,
  ): Promise<R> {
    let result: R
    try {
      result = await action()
    } catch (error) {
      try {
        await migrator.close()
      } catch (closeError) {
        progress.warn(`The connection could not be closed: ${String(closeError)}`)
      }
      throw error
    }
    await migrator.close()
    return result
  }
}
