import { writeSync } from 'node:fs'
import { isatty } from 'node:tty'
import { systemCode } from '@mig/golang-migrate'
import { field } from '@mig/app-kit/terminal'

const stderr = 2

// What a terminal would obey: it moves the cursor, changes colours, writes the clipboard, or turns a text round.
const commands =
  // oxlint-disable-next-line no-control-regex -- control characters are what this is about
  /[\u0000-\u0008\u000b-\u001f\u007f-\u009f\u061c\u200e\u200f\u2028-\u202e\u2066-\u2069]/g

/**
 * A text as a terminal gets it: what it would obey is shown as its code. golang-migrate prints names of files and what
 * servers say as they are, and so does `migrate` where a program reads it.
 */
export const forTerminal = (text: string): string => text.replace(commands, (code) => field(code))

/** Everything `migrate` says goes to stderr, at once: what follows may end the process. */
export const writeError = (text: string): void => {
  let rest = Buffer.from(isatty(stderr) ? forTerminal(text) : text)
  while (rest.length > 0) {
    try {
      rest = rest.subarray(writeSync(stderr, rest))
    } catch (error) {
      // A reader that is slow is waited for; one that has gone is not a reason to stop in mid-migration.
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
