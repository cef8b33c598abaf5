const alwaysHidden = 8
const wordCharacter = /\w/

const escapeForRegex = (text: string): string => text.replace(/[\\^$.*+?()[\]{}|/-]/g, '\\$&')

/** `4a` in both cases. */
const hexadecimal = (code: number, digits: number): string =>
  code
    .toString(16)
    .padStart(digits, '0')
    .replace(/[a-f]/g, (digit) => `[${digit}${digit.toUpperCase()}]`)

const bytes = new TextEncoder()

/** Percent-encoded once or twice. */
const percent = (character: string): string =>
  Array.from(bytes.encode(character), (byte) => `%(?:25)?${hexadecimal(byte, 2)}`).join('')

const shortEscapes: Readonly<Record<string, string>> = {
  '\n': 'n',
  '\r': 'r',
  '\t': 't',
  '\b': 'b',
  '\f': 'f',
}

/** As JSON, JavaScript and Go write it within quotes. */
const escapes = (character: string): readonly string[] => {
  const short = shortEscapes[character]
  const units = Array.from({ length: character.length }, (_, index) => character.charCodeAt(index))
  const [unit = 0] = units
  return [
    ...(short === undefined ? [] : [`\\\\${short}`]),
    ...(unit < 0x100 ? [`\\\\x${hexadecimal(unit, 2)}`] : []),
    units.map((code) => `\\\\u${hexadecimal(code, 4)}`).join(''),
  ]
}

const spellingsOfCharacter = (character: string): string => {
  if (/[a-z0-9]/i.test(character)) return `(?:${character}|${percent(character)})`
  const literal = character === '\\' ? '\\\\{1,2}' : `\\\\?${escapeForRegex(character)}`
  const plus = character === ' ' ? ['\\+'] : []
  return `(?:${[literal, ...plus, percent(character), ...escapes(character)].join('|')})`
}

/**
 * A pattern for a secret in every way in which it can be written: each of its characters plain, percent-encoded, or with
 * a backslash, as in quotes. A short one counts where it stands alone, not within words.
 */
export const spellingsOf = (secret: string): string => {
  const characters = Array.from(secret)
  const pattern = characters.map(spellingsOfCharacter).join('')
  if (secret.length >= alwaysHidden) return pattern
  const before = wordCharacter.test(characters[0] ?? '') ? '(?<!\\w)' : ''
  const after = wordCharacter.test(characters.at(-1) ?? '') ? '(?!\\w)' : ''
  return `${before}${pattern}${after}`
}
