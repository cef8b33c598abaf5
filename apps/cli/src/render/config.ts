import type { ConfigReport } from '../reports/config-report.ts'
import type { Style } from './style.ts'
import { field, lines, shown, type Shown } from '@mig/app-kit/terminal'
import { columns } from './columns.ts'

/** Every setting with its value and where it came from. */
export const renderConfig = (report: ConfigReport, { dim, yellow }: Style): Shown =>
  lines(
    ...columns(
      Object.entries(report.settings).map(([name, { value, origin }]) => [
        field(name),
        value === null ? dim(shown`not set`) : field(String(value)),
        dim(field(origin)),
      ]),
    ),
    ...(report.protected ? [yellow(shown`This environment is protected.`)] : []),
  )
