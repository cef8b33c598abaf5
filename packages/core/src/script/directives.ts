/** What a script says of itself in comments at its head. */
export interface Directives {
  /** `none`: run it statement by statement, as it stands. */
  readonly transaction?: 'none'
  /** A directive that mig does not know, with its line. */
  readonly unknown?: { readonly text: string; readonly line: number }
}

const directive = /^(?:--|#)\s*mig:\s*(.*?)\s*$/

/** Reads the `-- mig: transaction=none` lines that stand before the first statement. */
export const readDirectives = (script: string): Directives => {
  let lineNumber = 0
  let transaction: 'none' | undefined
  for (let start = 0; start < script.length;) {
    lineNumber++
    const newline = script.indexOf('\n', start)
    const end = newline === -1 ? script.length : newline
    const line = script.slice(start, Math.min(end, start + 400)).trim()
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
