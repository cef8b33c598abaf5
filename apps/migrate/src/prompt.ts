import type { Readable } from 'node:stream'

/** What Go's `Scanln` makes of a line: its first word, whatever follows. */
const firstWord = (line: string): string => line.trimStart().split(/\s/, 1)[0] ?? ''

/** Reads one line. The end of the input counts as an empty answer. */
export const readLine = (input: Readable): Promise<string> =>
  new Promise((resolve) => {
    let text = ''
    const finish = (): void => {
      input.off('data', read)
      input.off('end', finish)
      input.off('error', finish)
      input.pause()
      resolve(text.split('\n', 1)[0] ?? '')
    }
    const read = (chunk: Buffer | string): void => {
      text += chunk.toString()
      if (text.includes('\n')) finish()
    }
    input.on('data', read)
    input.on('end', finish)
    input.on('error', finish)
    input.resume()
  })

/** Whether an answer is `y`. */
export const isYes = (line: string): boolean => firstWord(line).toLowerCase() === 'y'
