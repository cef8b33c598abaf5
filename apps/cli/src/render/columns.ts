import { createRequire } from 'node:module'
import { stripVTControlCharacters } from 'node:util'
import { shown, type Shown } from '@mig/app-kit/terminal'

const defaultGap = '  '

/** Lines with their cells one below the other. The last cell of a line is never padded. */
export const columns = (rows: readonly (readonly Shown[])[], gap = defaultGap): Shown[] => {
  const widths = columnWidths(rows)
  return rows.map((row) => inColumns(row, widths, gap))
}

/** How wide each column has to be. */
export const columnWidths = (rows: Iterable<readonly Shown[]>): readonly number[] => {
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
  row: readonly Shown[],
  widths: readonly number[],
  gap = defaultGap,
): Shown =>
  row
    .map((cell, index) => cell + ' '.repeat(Math.max((widths[index] ?? 0) - width(cell), 0)))
    .join(gap)
    .trimEnd() as Shown

let stringWidth: ((text: string) => number) | undefined

/** Loads the library for the first text that needs it: hardly any does. It is an ES module, and the bundle is not one. */
const widthByLibrary = (text: string): number => {
  stringWidth ??= (
    createRequire(import.meta.url)('string-width') as { readonly default: (text: string) => number }
  ).default
  return stringWidth(text)
}

const plainText = /^[ -~]*$/
// Latin letters and mig's own symbols. Everything else is measured by the library.
const narrowText = /^[ -~\u00a1-\u00ac\u00ae-\u02ff→·…✓○✗\u2800-\u28ff]*$/

/** How many columns of a terminal a text takes, colours not counted. */
export const width = (text: string): number => {
  if (plainText.test(text)) return text.length
  const bare = stripVTControlCharacters(text)
  return narrowText.test(bare) ? bare.length : widthByLibrary(bare)
}

/** The text, cut to a width. Never within a character, of how many signs it may be put together. */
export const truncate = (text: Shown, limit: number, ellipsis: Shown): Shown => {
  if (width(text) <= limit) return text
  let room = Math.max(limit - width(ellipsis), 0)
  let kept = ''
  for (const { segment } of new Intl.Segmenter().segment(text)) {
    room -= width(segment)
    if (room < 0) break
    kept += segment
  }
  return shown`${kept as Shown}${ellipsis}`
}
