const truths = new Set(['1', 't', 'T', 'TRUE', 'true', 'True'])
const falsehoods = new Set(['0', 'f', 'F', 'FALSE', 'false', 'False'])

const numberError = (reader: string, text: string, reason: string): Error =>
  new Error(`strconv.${reader}: parsing ${goQuote(text)}: ${reason}`)

/** Reads a boolean as Go's `strconv.ParseBool` does. */
export const goParseBool = (text: string): boolean => {
  if (truths.has(text)) return true
  if (falsehoods.has(text)) return false
  throw numberError('ParseBool', text, 'invalid syntax')
}

/** Reads a decimal integer as Go's `strconv.ParseInt` with 64 bits does. */
export const goParseInt = (text: string, reader = 'ParseInt'): bigint => {
  if (!/^[+-]?[0-9]+$/.test(text)) throw numberError(reader, text, 'invalid syntax')
  const value = text.startsWith('+') ? BigInt(text.slice(1)) : BigInt(text)
  if (BigInt.asIntN(64, value) === value) return value
  throw numberError(reader, text, 'value out of range')
}

/** Reads a decimal integer as Go's `strconv.Atoi` does on 64 bits. */
export const goAtoi = (text: string): bigint => goParseInt(text, 'Atoi')

/** Reads a decimal integer as Go's `strconv.ParseUint` with 64 bits does. */
export const goParseUint = (text: string): bigint => {
  if (!/^[0-9]+$/.test(text)) throw numberError('ParseUint', text, 'invalid syntax')
  const value = BigInt(text)
  if (BigInt.asUintN(64, value) === value) return value
  throw numberError('ParseUint', text, 'value out of range')
}

const named: Readonly<Record<string, string>> = {
  '\x07': '\\a',
  '\b': '\\b',
  '\f': '\\f',
  '\n': '\\n',
  '\r': '\\r',
  '\t': '\\t',
  '\v': '\\v',
  '\\': '\\\\',
  '"': '\\"',
}

const printable = /^[\p{L}\p{M}\p{N}\p{P}\p{S} ]$/u

const quoteCharacter = (character: string): string => {
  const short = named[character]
  if (short !== undefined) return short
  if (printable.test(character)) return character
  const code = character.codePointAt(0) ?? 0
  const hex = code.toString(16)
  if (code < 0x80) return `\\x${hex.padStart(2, '0')}`
  return code > 0xffff ? `\\U${hex.padStart(8, '0')}` : `\\u${hex.padStart(4, '0')}`
}

/** A text in double quotes with Go's escapes: `%q`. */
export const goQuote = (text: string): string => `"${[...text].map(quoteCharacter).join('')}"`
