import { stripVTControlCharacters } from 'node:util'

/** `1 migration`, `2 migrations`. */
export const count = (number: number, one: string, many = `${one}s`): string =>
  `${number} ${number === 1 ? one : many}`

/** `12 ms`, `1.2 s`, `2 min 5 s`. */
export const elapsed = (ms: number): string => {
  if (ms < 1000) return `${Math.round(ms)} ms`
  if (ms < 59_950) return `${(ms / 1000).toFixed(1)} s`
  const seconds = Math.round(ms / 1000)
  return `${Math.floor(seconds / 60)} min ${seconds % 60} s`
}

/** Lines with their cells one below the other. The last cell of a line is never padded. */
export const columns = (rows: readonly (readonly string[])[], gap = '  '): string[] => {
  const widest: number[] = []
  const widths = rows.map((row) =>
    row.map((cell, index) => {
      const own = width(cell)
      widest[index] = Math.max(widest[index] ?? 0, own)
      return own
    }),
  )
  return rows.map((row, at) =>
    row
      .map((cell, index) => cell + ' '.repeat((widest[index] ?? 0) - (widths[at]?.[index] ?? 0)))
      .join(gap)
      .trimEnd(),
  )
}

const plainText = /^[ -~]*$/

/** Text as wide as a terminal shows it, colours not counted. */
const width = (text: string): number =>
  plainText.test(text) ? text.length : Array.from(stripVTControlCharacters(text)).length

/** The text, cut to a width. */
export const truncate = (text: string, limit: number, ellipsis: string): string => {
  const characters = Array.from(text)
  if (characters.length <= limit) return text
  return characters.slice(0, Math.max(limit - Array.from(ellipsis).length, 0)).join('') + ellipsis
}

/**
 * Text of somebody else (a server's message, a file's line) that cannot move the cursor or change colours: control
 * characters but tab and line feed are shown as their code.
 */
export const printable = (text: string): string =>
  // oxlint-disable-next-line no-control-regex -- control characters are what this is about
  text.replace(/[\u0000-\u0008\u000b-\u001f\u007f-\u009f]/g, (character) =>
    character === '\r' ? '' : `\\x${character.charCodeAt(0).toString(16).padStart(2, '0')}`,
  )

/** Text joined to lines that each end in a line feed. */
export const lines = (...parts: readonly string[]): string =>
  parts.map((part) => `${part}\n`).join('')
