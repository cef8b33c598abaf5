/** Turns ascending offsets into lines and columns, both counted from 1, looking at each character at most once. */
export class LineCounter {
  readonly #script: string
  #line = 1
  #column = 1
  #offset: number
  // Kept between calls: searching anew each time would make a script of one long line quadratic.
  #nextNewline: number

  constructor(script: string, offset: number) {
    this.#script = script
    this.#offset = offset
    this.#nextNewline = script.indexOf('\n', offset)
  }

  get line(): number {
    return this.#line
  }

  get column(): number {
    return this.#column
  }

  /** Moves forward to an offset; never backward. */
  moveTo(offset: number): void {
    let from = this.#offset
    while (this.#nextNewline !== -1 && this.#nextNewline < offset) {
      from = this.#nextNewline + 1
      this.#line++
      this.#column = 1
      this.#nextNewline = this.#script.indexOf('\n', from)
    }
    let column = this.#column
    for (let i = from; i < offset; i++) {
      // The second half of a surrogate pair is not a character of its own.
      if ((this.#script.charCodeAt(i) & 0xfc00) !== 0xdc00) column++
    }
    this.#column = column
    this.#offset = offset
  }
}
