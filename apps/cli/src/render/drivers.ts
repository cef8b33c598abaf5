import type { DriversReport } from '../driver-report.ts'
import type { Style } from './style.ts'
import { columns, lines } from './text.ts'

/** The drivers there are, where each comes from, and which of two is used. */
export const renderDrivers = ({ drivers, failures }: DriversReport, style: Style): string => {
  const { dim, red, yellow } = style
  return lines(
    ...columns(
      drivers.map((driver) => [
        driver.name,
        driver.schemes.map((scheme) => `${scheme}://`).join(' '),
        `${driver.package} ${driver.version}`,
        dim(driver.origin),
        driver.shadowedBy === null ? '' : yellow(`not used: ${driver.shadowedBy} goes before it`),
      ]),
    ),
    ...(drivers.length === 0 ? ['No driver is installed.'] : []),
    ...failures.map(({ package: name, origin, message }) =>
      red(`${name} (${origin}) cannot be loaded: ${message}`),
    ),
  )
}
