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

const defaultGap = '  '

/** Lines with their cells one below the other. The last cell of a line is never padded. */
export const columns = (rows: readonly (readonly string[])[], gap = defaultGap): string[] => {
  const widths = columnWidths(rows)
  return rows.map((row) => inColumns(row, widths, gap))
}

/** How wide each column has to be. */
export const columnWidths = (rows: Iterable<readonly string[]>): readonly number[] => {
  const widths: number[] = []
  for (const row of rows) {
    for (const [index, cell] of row.entries()) {
      widths[index] = Math.max(widths[index] ?? 0, width(cell))
    }
  }
  return widths
}

/** One line of columns that wide. */
export const inColumns = (
  row: readonly string[],
  widths: readonly number[],
  gap = defaultGap,
): string =>
  row
    .map((cell, index) => cell + ' '.repeat((widths[index] ?? 0) - width(cell)))
    .join(gap)
    .trimEnd()

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
