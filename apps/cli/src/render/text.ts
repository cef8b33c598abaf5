import stringWidth from 'string-width'
import { stripVTControlCharacters } from 'node:util'

declare const mark: unique symbol

/**
 * Text that may go to a terminal as it is: mig's own words, its colours, and text of others whose control characters
 * were made visible. Renderers and outputs take nothing else, so that the compiler finds a field that was forgotten.
 * {@link field}, {@link printable} and {@link shown} make it.
 */
export type Shown = string & { readonly [mark]: true }

// What moves the cursor, changes colours, speaks to the terminal, ends a line or turns its direction round.
const controls =
  // oxlint-disable-next-line no-control-regex -- control characters are what this is about
  /[\u0000-\u001f\u007f-\u009f\u061c\u200e\u200f\u2028-\u202e\u2066-\u2069]/g

const names: Readonly<Record<string, string>> = { '\n': '\\n', '\r': '\\r', '\t': '\\t' }

const visible = (character: string): string => {
  const code = character.charCodeAt(0)
  const hex = code.toString(16)
  return (
    names[character] ?? (code < 0x100 ? `\\x${hex.padStart(2, '0')}` : `\\u${hex.padStart(4, '0')}`)
  )
}

/** A name or another short text of somebody else, in one line: every control character is shown as its code. */
export const field = (text: string): Shown => text.replace(controls, visible) as Shown

/**
 * Text of somebody else that may have several lines (a server's message, a statement): every control character but tab
 * and line feed is shown as its code. Lines after the first begin with `indent`: at the margin one of them could pass
 * for a line of mig's own.
 */
export const printable = (text: string, indent = ''): Shown =>
  text
    .replaceAll('\r\n', '\n')
    .replace(controls, (character) =>
      character === '\n' || character === '\t' ? character : visible(character),
    )
    .replaceAll('\n', `\n${indent}`) as Shown

/** A template of mig's own words. What is put into it is {@link Shown} already, or a number. */
export const shown = (
  words: TemplateStringsArray,
  ...values: readonly (Shown | number | bigint)[]
): Shown => String.raw({ raw: words }, ...values) as Shown

/** Pieces put together. */
export const join = (pieces: readonly Shown[], separator = ''): Shown =>
  pieces.join(separator) as Shown

/** `1 migration`, `2 migrations`. The words are mig's own. */
export const count = (number: number, one: string, many = `${one}s`): Shown =>
  `${number} ${number === 1 ? one : many}` as Shown

/** `12 ms`, `1.2 s`, `2 min 5 s`. */
export const elapsed = (ms: number): Shown => {
  if (ms < 1000) return shown`${Math.round(ms)} ms`
  if (ms < 59_950) return `${(ms / 1000).toFixed(1)} s` as Shown
  const seconds = Math.round(ms / 1000)
  return shown`${Math.floor(seconds / 60)} min ${seconds % 60} s`
}

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

const plainText = /^[ -~]*$/
// Latin letters and mig's own symbols. Everything else is measured by the library, which is loaded for it.
const narrowText = /^[ -~\u00a1-\u00ac\u00ae-\u02ff→·…✓○✗\u2800-\u28ff]*$/

/** How many columns of a terminal a text takes, colours not counted. */
export const width = (text: string): number => {
  if (plainText.test(text)) return text.length
  const bare = stripVTControlCharacters(text)
  return narrowText.test(bare) ? bare.length : stringWidth(bare)
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

/** Text joined to lines that each end in a line feed. */
export const lines = (...parts: readonly Shown[]): Shown =>
  parts.map((part) => `${part}\n`).join('') as Shown
