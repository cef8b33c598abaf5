import type { PluginReport, PluginsReport } from '../plugins/plugin-report.ts'
import type { Style } from './style.ts'
import { field, lines, shown, type Shown } from '@mig/app-kit/terminal'
import { columns } from './columns.ts'

const row = ({ name, version, type, root, source }: PluginReport, { dim, red }: Style): Shown[] => [
  field(version === null ? name : `${name} ${version}`),
  type === 'link' ? shown`link` : shown`installed`,
  version === null
    ? red(shown`not found in ${field(root)}`)
    : dim(field(type === 'link' ? root : (source ?? ''))),
]

/** The plugins there are and where each comes from. */
export const renderPlugins = ({ plugins, notLoaded }: PluginsReport, style: Style): Shown =>
  lines(
    ...columns(plugins.map((plugin) => row(plugin, style))),
    ...(plugins.length === 0 ? [shown`No plugins are installed.`] : []),
    ...(notLoaded === null || plugins.length === 0
      ? []
      : [style.red(shown`None of them is loaded: ${field(notLoaded)}.`)]),
  )
