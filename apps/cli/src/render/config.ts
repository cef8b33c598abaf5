import type { ConfigReport } from '../config-report.ts'
import type { Style } from './style.ts'
import { columns, field, lines, shown, type Shown } from './text.ts'

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
