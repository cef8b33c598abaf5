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

/** Text joined to lines that each end in a line feed. */
export const lines = (...parts: readonly Shown[]): Shown =>
  parts.map((part) => `${part}\n`).join('') as Shown
