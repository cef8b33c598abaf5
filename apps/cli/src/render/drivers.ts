import type { DriversReport } from '../reports/driver-report.ts'
import type { Style } from './style.ts'
import { field, lines, shown, type Shown } from '@mig/app-kit/terminal'
import { columns } from './columns.ts'

/** The drivers there are, where each comes from, and which of two is used. */
export const renderDrivers = ({ drivers, failures }: DriversReport, style: Style): Shown => {
  const { dim, red, yellow } = style
  return lines(
    ...columns(
      drivers.map((driver) => [
        field(driver.name),
        field(driver.schemes.map((scheme) => `${scheme}://`).join(' ')),
        field(`${driver.package} ${driver.version}`),
        dim(field(driver.origin)),
        driver.shadowedBy === null
          ? shown``
          : yellow(shown`not used: ${field(driver.shadowedBy)} goes before it`),
      ]),
    ),
    ...(drivers.length === 0 ? [shown`No driver is installed.`] : []),
    ...failures.map(({ package: name, origin, message }) =>
      red(field(`${name} (${origin}) cannot be loaded: ${message}`)),
    ),
  )
}
