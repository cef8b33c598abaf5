import { goQuote } from './go-strconv.ts'

/** The parts of a URL, each with its own set of characters that stand for themselves. */
export type UrlPart = 'host' | 'path' | 'userinfo' | 'query' | 'fragment'

const literal: Readonly<Record<UrlPart, RegExp>> = {
  host: /[A-Za-z0-9\-_.~!$&'()*+,;=:[\]<>"]/,
  path: /[A-Za-z0-9\-_.~$&+,/:;=@]/,
  userinfo: /[A-Za-z0-9\-_.~$&+,;=]/,
  query: /[A-Za-z0-9\-_.~]/,
  fragment: /[A-Za-z0-9\-_.~$&+,/:;=?@!()*]/,
}

const percent = (byte: number): string => `%${byte.toString(16).toUpperCase().padStart(2, '0')}`

/** Escapes a text for one part of a URL. */
export const goEscape = (text: string, part: UrlPart): string =>
  text.replace(/[^A-Za-z0-9\-_.~]/gu, (character) => {
    if (literal[part].test(character)) return character
    if (character === ' ' && part === 'query') return '+'
    return [...new TextEncoder().encode(character)].map(percent).join('')
  })

/** Whether a text that is escaped by hand needs no more escaping. */
export const isValidEncoded = (text: string, part: UrlPart): boolean =>
  [...text].every(
    (character) => /[!$&'()*+,;=:@[\]%]/.test(character) || literal[part].test(character),
  )

const checkEscapes = (text: string, part: UrlPart): void => {
  for (let at = 0; at < text.length; at++) {
    const character = text.charAt(at)
    if (character === '%') {
      const escape = text.slice(at, at + 3)
      // In a host only bytes beyond ASCII may be escaped, and the percent sign itself.
      const forbidden = part === 'host' && /^%[0-7]/.test(escape) && escape !== '%25'
      if (!/^%[0-9A-Fa-f]{2}$/.test(escape) || forbidden) {
        throw new Error(`invalid URL escape ${goQuote(escape)}`)
      }
    } else if (part === 'host' && character < '\x80' && !literal.host.test(character)) {
      throw new Error(`invalid character ${goQuote(character)} in host name`)
    }
  }
}

/** Undoes the escapes of one part of a URL. Throws in Go's words. */
export const goUnescape = (text: string, part: UrlPart): string => {
  checkEscapes(text, part)
  const spaced = part === 'query' ? text.replaceAll('+', ' ') : text
  return spaced.replace(/(?:%[0-9A-Fa-f]{2})+/g, (escapes) =>
    Buffer.from(escapes.replaceAll('%', ''), 'hex').toString('utf8'),
  )
}
