import { whyDistrusted } from './folder-trust.ts'
import type { DataFolder, RegisteredPlugin } from './data-folder.ts'
import { packageIn } from './plugin-package.ts'

/** One plugin as it is reported. */
export interface PluginReport {
  readonly name: string
  /** `null` where its package is not there any more. */
  readonly version: string | null
  /** `user` for an installed one, `link` for a folder that is used as it is. */
  readonly type: RegisteredPlugin['type']
  readonly root: string
  /** The tag or range it was asked for as, or the URL it came from. `null` for a link. */
  readonly source: string | null
}

/** The plugins there are. */
export interface PluginsReport {
  readonly folder: string
  readonly plugins: readonly PluginReport[]
  /** Why none of them is loaded, or `null` where they are. */
  readonly notLoaded: string | null
}

/** One registered plugin as it is reported. */
export const pluginReport = (plugin: RegisteredPlugin, folder: DataFolder): PluginReport => {
  const root = folder.rootOf(plugin)
  return {
    name: plugin.name,
    version: packageIn(root)?.version ?? null,
    type: plugin.type,
    root,
    source: plugin.type === 'link' ? null : (plugin.url ?? plugin.tag ?? null),
  }
}

/** All plugins of a folder as they are reported. */
export const pluginsReport = (folder: DataFolder): PluginsReport => ({
  folder: folder.path,
  plugins: folder.plugins.map((plugin) => pluginReport(plugin, folder)),
  notLoaded: whyDistrusted(folder.path) ?? null,
})
