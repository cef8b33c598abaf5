import { chmodSync, mkdirSync, readFileSync, renameSync, rmSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { MigrateError } from '@mig/core'
import { whyDistrusted } from './folder-trust.ts'

/** A plugin as oclif reads it from the package.json of its data folder. */
export type RegisteredPlugin =
  | { readonly name: string; readonly type: 'user'; readonly tag?: string; readonly url?: string }
  | { readonly name: string; readonly type: 'link'; readonly root: string }

interface DataPackage {
  readonly dependencies?: Readonly<Record<string, string>>
  readonly oclif?: { readonly plugins?: readonly (RegisteredPlugin | string)[] }
}

/** What package managers note beside package.json. */
export const lockFiles = ['package-lock.json', 'pnpm-lock.yaml', 'pnpm-workspace.yaml']

/**
 * The folder that plugins are installed in. Its package.json is written by the package manager, which keeps the
 * dependencies, and by mig, which keeps oclif's list of what to load.
 */
export class DataFolder {
  readonly path: string

  constructor(path: string) {
    this.path = path
  }

  /** The plugins that are loaded, in the order in which they were added. */
  get plugins(): readonly RegisteredPlugin[] {
    return (this.#read().oclif?.plugins ?? []).map((plugin) =>
      typeof plugin === 'string' ? { name: plugin, type: 'user' } : plugin,
    )
  }

  /** What the package manager has installed for the user: names and what they were asked for as. */
  get dependencies(): Readonly<Record<string, string>> {
    return this.#read().dependencies ?? {}
  }

  /** Where a plugin's own package.json lies. */
  rootOf(plugin: RegisteredPlugin): string {
    return plugin.type === 'link' ? plugin.root : join(this.path, 'node_modules', plugin.name)
  }

  /**
   * Throws `PLUGIN_FAILED` where another user put something there or could have. mig does not close such a folder by
   * itself: what is in it already would then look like the user's own.
   */
  assertTrusted(): void {
    const reason = whyDistrusted(this.path)
    if (reason === undefined) return
    throw new MigrateError('PLUGIN_FAILED', `Plugins are kept in ${this.path}, and ${reason}`, {
      hint: 'Look at what is in it, then delete it, or make it your own ("chown -R", "chmod -R go-w").',
    })
  }

  /** Makes the folder, or closes the one there is, for its user alone. Throws `PLUGIN_FAILED`. */
  prepare(): void {
    this.assertTrusted()
    try {
      mkdirSync(this.path, { recursive: true, mode: 0o700 })
      chmodSync(this.path, 0o700)
      if (this.#text() === undefined) this.#write({ dependencies: {} })
    } catch (error) {
      const { message } = error as Error
      throw new MigrateError('PLUGIN_FAILED', `The folder of plugins cannot be made: ${message}`, {
        hint: 'Name another one in MIG_DATA_DIR.',
        cause: error,
      })
    }
  }

  /** Lets oclif load a plugin, in place of one of the same name. */
  register(plugin: RegisteredPlugin): void {
    const others = this.plugins.filter(
      (other) =>
        other.name !== plugin.name &&
        !(other.type === 'link' && plugin.type === 'link' && other.root === plugin.root),
    )
    this.#writePlugins([...others, plugin])
  }

  /** Lets oclif load it no more. */
  unregister(name: string): void {
    this.#writePlugins(this.plugins.filter((plugin) => plugin.name !== name))
  }

  /** Takes away what is left where no package is installed any more, so that any package manager may be the next. */
  clear(): void {
    if (Object.keys(this.dependencies).length > 0) return
    for (const name of ['node_modules', ...lockFiles]) {
      rmSync(join(this.path, name), { recursive: true, force: true })
    }
  }

  #writePlugins(plugins: readonly RegisteredPlugin[]): void {
    const content = this.#read()
    this.#write({ ...content, oclif: { ...content.oclif, plugins } })
  }

  #text(): string | undefined {
    try {
      return readFileSync(join(this.path, 'package.json'), 'utf8')
    } catch (error) {
      if ((error as NodeJS.ErrnoException).code === 'ENOENT') return undefined
      throw error
    }
  }

  #read(): DataPackage {
    const text = this.#text()
    if (text === undefined) return {}
    try {
      return JSON.parse(text) as DataPackage
    } catch (error) {
      const path = join(this.path, 'package.json')
      throw new MigrateError('PLUGIN_FAILED', `${path} holds no JSON`, {
        hint: `Repair it, or delete ${this.path} and install the plugins again.`,
        cause: error,
      })
    }
  }

  /** Puts the file where others find it whole or not at all. */
  #write(content: DataPackage): void {
    const path = join(this.path, 'package.json')
    const unfinished = `${path}.${process.pid}`
    const whole = { private: true, ...content, oclif: { schema: 1, plugins: [], ...content.oclif } }
    writeFileSync(unfinished, `${JSON.stringify(whole, null, 2)}\n`, { mode: 0o600 })
    renameSync(unfinished, path)
  }
}
