/** What a body says of itself in comments at its head. */
export interface Directives {
  /** `none`: run it statement by statement, as it stands. */
  readonly transaction?: 'none'
  /** A directive that mig does not know, with its line. */
  readonly unknown?: { readonly text: string; readonly line: number }
}

const directive = /^(?:--|#)\s*mig:\s*(.*?)\s*$/

/** Reads the `-- mig: transaction=none` lines that stand before the first statement. */
export const readDirectives = (body: string): Directives => {
  let lineNumber = 0
  let transaction: 'none' | undefined
  for (let start = 0; start < body.length;) {
    lineNumber++
    const newline = body.indexOf('\n', start)
    const end = newline === -1 ? body.length : newline
    const line = body.slice(start, Math.min(end, start + 400)).trim()
    start = end + 1
    if (line === '') continue
    if (!line.startsWith('--') && !line.startsWith('#')) break
    const text = directive.exec(line)?.[1]
    if (text === undefined) continue
    if (text !== 'transaction=none') return { unknown: { text, line: lineNumber } }
    transaction = 'none'
  }
  return transaction === undefined ? {} : { transaction }
}
