import type { PluginReport, PluginsReport } from '../plugins/plugin-report.ts'
import type { Style } from './style.ts'
import { columns, lines, printable } from './text.ts'

const row = (
  { name, version, type, root, source }: PluginReport,
  { dim, red }: Style,
): string[] => [
  printable(version === null ? name : `${name} ${version}`),
  type === 'link' ? 'link' : 'installed',
  version === null
    ? red(printable(`not found in ${root}`))
    : dim(printable(type === 'link' ? root : (source ?? ''))),
]

/** The plugins there are and where each comes from. */
export const renderPlugins = ({ plugins, notLoaded }: PluginsReport, style: Style): string =>
  lines(
    ...columns(plugins.map((plugin) => row(plugin, style))),
    ...(plugins.length === 0 ? ['No plugins are installed.'] : []),
    ...(notLoaded === null || plugins.length === 0
      ? []
      : [style.red(`None of them is loaded: ${printable(notLoaded)}.`)]),
  )
