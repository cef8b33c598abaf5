import type { ConfigReport } from '../config-report.ts'
import type { Style } from './style.ts'
import { columns, lines } from './text.ts'

/** Every setting with its value and where it came from. */
export const renderConfig = (report: ConfigReport, { dim, yellow }: Style): string =>
  lines(
    ...columns(
      Object.entries(report.settings).map(([name, { value, origin }]) => [
        name,
        value === null ? dim('not set') : String(value),
        dim(origin),
      ]),
    ),
    ...(report.protected ? [yellow('This environment is protected.')] : []),
  )
