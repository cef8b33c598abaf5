const digits: Readonly<Record<string, RegExp>> = {
  '0x': /^[0-9a-f]+$/,
  '0o': /^[0-7]+$/,
  '0b': /^[01]+$/,
  '': /^[0-9]+$/,
}

/** Underscores stand between two digits, or between a prefix and a digit. */
const hasGoodUnderscores = (script: string, prefix: string): boolean =>
  !/__|_$/.test(script) && (prefix !== '' || !script.startsWith('_'))

/** Reads an integer as Go's literals are written: `42`, `0x2a`, `052`, `0b101010`, `1_000`. */
export const goParseIntLiteral = (text: string): bigint | undefined => {
  const sign = /^[+-]/.exec(text)?.[0] ?? ''
  const unsigned = text.slice(sign.length).toLowerCase()
  const [prefix, script] = splitPrefix(unsigned)
  const plain = script.replaceAll('_', '')
  if (!hasGoodUnderscores(script, prefix) || digits[prefix]?.test(plain) !== true) return undefined
  const value = BigInt(`${prefix}${plain}`)
  return sign === '-' ? -value : value
}

const splitPrefix = (text: string): readonly [prefix: string, script: string] => {
  const prefix = /^0[xob]/.exec(text)?.[0]
  if (prefix !== undefined) return [prefix, text.slice(2)]
  // A leading zero means octal.
  return /^0./.test(text) ? ['0o', text.slice(1)] : ['', text]
}
