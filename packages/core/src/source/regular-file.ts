import { constants, type Stats } from 'node:fs'

/** Opening a pipe that nobody writes to waits for ever, so nothing is waited for. Windows has no such pipes. */
export const openForReading: number = constants.O_RDONLY | (constants.O_NONBLOCK ?? 0)

/** Something in place of a file whose content cannot be read whole: it has no end, or waits for another process. */
export class SpecialFileError extends Error {}

const kindOf = (stat: Stats): string | undefined => {
  if (stat.isFIFO()) return 'a pipe'
  if (stat.isSocket()) return 'a socket'
  if (stat.isCharacterDevice() || stat.isBlockDevice()) return 'a device'
  return undefined
}

/** Throws {@link SpecialFileError} for a pipe, a socket or a device. A link counts as what it leads to. */
export const refuseSpecialFile = (stat: Stats): void => {
  const kind = kindOf(stat)
  if (kind !== undefined) throw new SpecialFileError(`it is ${kind} and not a regular file`)
}
