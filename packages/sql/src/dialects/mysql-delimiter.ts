import type { Fault } from '../statements.ts'
import type { MysqlLexer } from './mysql-lexer.ts'

export interface DelimiterCommand {
  /** An empty string where the semicolon alone is the delimiter. */
  readonly delimiter: string
  /** End of the command's line. */
  readonly end: number
  /** Whether nothing else stands on its line. */
  readonly alone: boolean
  readonly fault?: Fault
}

/**
 * Reads the client command `DELIMITER //`, which goes to the end of its line. The current token is the word; without
 * white space after it, it is a name.
 */
export function findDelimiterCommand(lexer: MysqlLexer): DelimiterCommand | undefined {
  const { script, start } = lexer
  if (!startsItsLine(script, start)) return undefined
  const newline = script.indexOf('\n', lexer.end)
  const end = newline === -1 ? script.length : newline
  const rest = script.slice(lexer.end, end)
  if (rest !== '' && !/^\s/.test(rest)) return undefined
  const delimiter = rest.trim().split(/\s/)[0] ?? ''
  if (delimiter === '') {
    const message = 'DELIMITER has no delimiter after it.'
    const hint = 'Write the delimiter on the same line, such as DELIMITER //.'
    return { delimiter, end, alone: true, fault: { offset: start, message, hint } }
  }
  const quoted = /^(['"`])(.+)\1$/.exec(delimiter)
  const plain = quoted?.[2] ?? delimiter
  return { delimiter: plain === ';' ? '' : plain, end, alone: rest.trim() === delimiter }
}

function startsItsLine(script: string, start: number): boolean {
  let pos = start
  while (pos > 0 && (script[pos - 1] === ' ' || script[pos - 1] === '\t')) pos--
  return pos === 0 || script[pos - 1] === '\n' || (pos === 1 && script.charCodeAt(0) === 0xfeff)
}
