import { decodeScript, decodeLater, endOfCharacters, isInvalidText } from './script-decoder.ts'
import { ScriptWindows, type SplitScript } from './script-windows.ts'
import type { ParsedScript } from './statement.ts'

const usualBytes = 4_000_000

/**
 * Gathers the bytes of a large script to chunks that are cut one by one. Each is decoded once and kept as it is: texts
 * that are put together of others would leave as much garbage as there is text.
 */
export class ScriptChunks {
  readonly #windows: ScriptWindows
  readonly #buffer: Buffer
  #filled = 0
  #first = true

  constructor(
    split: (text: string) => ParsedScript,
    { bytes = usualBytes, margin }: { readonly bytes?: number; readonly margin?: number } = {},
  ) {
    this.#windows = new ScriptWindows(split, margin)
    this.#buffer = Buffer.allocUnsafeSlow(bytes)
  }

  /** Takes the next bytes. `false` where the script cannot be cut in chunks, or is no UTF-8. */
  add(bytes: Uint8Array): boolean {
    for (let taken = 0; taken < bytes.length;) {
      const count = Math.min(bytes.length - taken, this.#buffer.length - this.#filled)
      this.#buffer.set(bytes.subarray(taken, taken + count), this.#filled)
      taken += count
      this.#filled += count
      if (this.#filled === this.#buffer.length && !this.#cut()) return false
    }
    return true
  }

  /** The whole script. Nothing where `add` would say `false`. */
  finish(): SplitScript | undefined {
    const text = this.#decode(this.#filled)
    return text === undefined ? undefined : this.#windows.finish(text)
  }

  #cut(): boolean {
    const end = endOfCharacters(this.#buffer)
    const text = this.#decode(end)
    const rest = text === undefined ? undefined : this.#windows.add(text)
    if (rest === undefined) return false
    const restFrom = end - Buffer.byteLength(rest)
    this.#buffer.copyWithin(0, restFrom, this.#filled)
    this.#filled -= restFrom
    this.#first = false
    return true
  }

  #decode(end: number): string | undefined {
    const bytes = this.#buffer.subarray(0, end)
    try {
      return this.#first ? decodeScript(bytes) : decodeLater(bytes)
    } catch (error) {
      if (isInvalidText(error)) return undefined
      throw error
    }
  }
}
