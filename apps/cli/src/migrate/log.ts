import { writeSync } from 'node:fs'
import { systemCode } from '@mig/core/golang-migrate'

const stderr = 2

/** Everything `migrate` says goes to stderr, at once: what follows may end the process. */
export const writeError = (text: string): void => {
  let rest = Buffer.from(text)
  while (rest.length > 0) {
    try {
      rest = rest.subarray(writeSync(stderr, rest))
    } catch (error) {
      // A reader that is slow is waited for; one that has gone is no reason to stop in mid-migration.
      if (systemCode(error) !== 'EAGAIN') return
    }
  }
}

/** Prints lines: as they are, or in verbose mode with the time in front. */
export interface Log {
  readonly verbose: boolean
  /** A text that ends its line itself, or does not. */
  readonly print: (text: string) => void
  readonly line: (text: string) => void
}

const pad = (value: number): string => String(value).padStart(2, '0')

/** `2006/01/02 15:04:05`, in local time. */
const formatTime = (time: Date): string => {
  const day = [time.getFullYear(), pad(time.getMonth() + 1), pad(time.getDate())].join('/')
  return `${day} ${[time.getHours(), time.getMinutes(), time.getSeconds()].map(pad).join(':')}`
}

/** The log of a command. */
export const createLog = (verbose: boolean, write: (text: string) => void = writeError): Log => {
  const print = (text: string): void => {
    if (!verbose) write(text)
    else write(`${formatTime(new Date())} ${text}${text.endsWith('\n') ? '' : '\n'}`)
  }
  return { verbose, print, line: (text) => print(`${text}\n`) }
}
