/** The end of the process: its exit code, and the text that is printed before, if any. */
export class ExitError extends Error {
  readonly exitCode: number

  constructor(exitCode: number, text = '') {
    super(text)
    this.exitCode = exitCode
  }
}
