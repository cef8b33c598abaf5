import type { MigratorEvent } from '@mig/core'
import { cut, pageLimits } from '../render/presentable-error.ts'
import { nextProgress, renderLive, renderPlain, type ProgressState } from '../render/progress.ts'
import type { Style } from '../render/style.ts'
import { lines, printable, shown, type Shown } from '@mig/app-kit/terminal'
import type { Output } from '../process/runtime.ts'

const frameMs = 100
const eraseLine = '\r\u001b[2K' as Shown

/**
 * Shows what is going on while it goes on: one line that changes where there is a terminal, else a line per step.
 * Warnings stay.
 */
export class ProgressPrinter {
  readonly #output: Output
  readonly #style: Style
  readonly #quiet: boolean
  #state: ProgressState | undefined
  #startedAt = 0
  #frame = 0
  #timer: NodeJS.Timeout | undefined
  #shown = false
  #last: Shown | undefined

  constructor(output: Output, style: Style, options: { readonly quiet: boolean }) {
    this.#output = output
    this.#style = style
    this.#quiet = options.quiet
  }

  /** Takes note of an event. */
  readonly handle = (event: MigratorEvent): void => {
    if (event.type === 'warning') {
      this.warn(event.message)
      return
    }
    if (this.#quiet) return
    if (!this.#output.isTTY) {
      const line = renderPlain(event)
      // A step that ran in vain with others and runs again by itself is told of once.
      if (line !== undefined && line !== this.#last) this.#output.write(lines(line))
      this.#last = line ?? this.#last
      return
    }
    const before = this.#state
    this.#state = nextProgress(before, event)
    if (this.#state?.activity !== before?.activity) this.#startedAt = performance.now()
    // Between two steps the line stays until the next one replaces it: erasing it each time would flicker.
    if (this.#state !== undefined) this.#show()
  }

  /** Prints something that stays. */
  warn(message: string): void {
    if (this.#quiet) return
    this.note(
      shown`${this.#style.yellow(shown`Warning:`)} ${printable(cut(message, pageLimits), '  ')}`,
    )
  }

  /** Prints a line that stays, in quiet mode too. */
  note(line: Shown): void {
    this.#erase()
    this.#output.write(lines(line))
    if (this.#state !== undefined && !this.#quiet) this.#show()
  }

  /** Removes the live line. Called before anything else is printed. */
  stop(): void {
    clearInterval(this.#timer)
    this.#timer = undefined
    this.#state = undefined
    this.#erase()
  }

  #show(): void {
    const state = this.#state
    if (state === undefined || !this.#output.isTTY) return
    this.#timer ??= setInterval(() => {
      this.#frame += 1
      this.#show()
    }, frameMs).unref()
    const { columns } = this.#output
    const ms = performance.now() - this.#startedAt
    const line = renderLive(state, { ms, columns, frame: this.#frame }, this.#style)
    this.#output.write(shown`${eraseLine}${line}`)
    this.#shown = true
  }

  #erase(): void {
    if (this.#shown) this.#output.write(eraseLine)
    this.#shown = false
  }
}
