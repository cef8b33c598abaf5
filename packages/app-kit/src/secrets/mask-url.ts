import { isSecretName } from './secret-names.ts'

/** What stands in place of a secret. */
export const mask = '***'

// Raw passwords end at the last `@`. A user may have `/` in it, but not where the URL is the path of a file.
const credentials =
  /^(\s*(?:(?:sqlite3?|file):\/\/[^/?#:@]*|(?!sqlite3?:|file:)[a-z][a-z0-9+.-]*:\/\/(?!\/)[^:@]*)):(.*)@/is
const parameterName = /[?&;]([^=&;?#\s]*)=/g
// A raw value may hold `&` and `#`. It ends where another parameter begins, or the line.
const endOfValue = /&[^&=\s]*=|\n|$/g

/** Calls a function with where the value of each secret parameter begins and ends. */
const eachSecretParameter = (text: string, found: (start: number, end: number) => void): void => {
  parameterName.lastIndex = 0
  for (let match = parameterName.exec(text); match !== null; match = parameterName.exec(text)) {
    if (!isSecretName(match[1] ?? '')) continue
    const start = parameterName.lastIndex
    endOfValue.lastIndex = start
    const end = endOfValue.exec(text)?.index ?? text.length
    found(start, end)
    parameterName.lastIndex = end
  }
}

const maskParameters = (text: string): string => {
  let masked = ''
  let at = 0
  eachSecretParameter(text, (start, end) => {
    masked += text.slice(at, start) + mask
    at = end
  })
  return masked + text.slice(at)
}

/** Whether a text is a URL, so that the parts of it that are a secret are known. */
export const isUrl = (text: string): boolean =>
  /^\s*(?:[a-z][a-z0-9+.-]*:\/\/|(?:sqlite3?|file):)/i.test(text)

/**
 * A database URL that may be shown. Passwords may be given raw, so that one with `@` or `/` in it ends at the last `@`
 * and nowhere before: rather a part of the path is hidden than a part of the password shown.
 */
export const maskUrl = (url: string): string =>
  maskParameters(url.replace(credentials, (_, head: string) => `${head}:${mask}@`))

/** What is given for a URL, as it may be shown: of what is none nobody knows which part is the secret. */
export const maskSetting = (value: string): string => (isUrl(value) ? maskUrl(value) : mask)

/** All texts that could be a password in a URL, whichever way its reader splits it. */
export const secretsOfUrl = (url: string): readonly string[] => {
  const secrets: string[] = []
  const head = credentials.exec(url)?.[1]
  if (head !== undefined) {
    const rest = url.slice(head.length + 1)
    const authority = rest.split(/[/?#]/, 1)[0] ?? ''
    const beforeQuery = rest.split(/[?#]/, 1)[0] ?? ''
    for (const part of [rest, beforeQuery, authority]) {
      const end = part.lastIndexOf('@')
      if (end > 0) secrets.push(part.slice(0, end))
    }
    // What a reader sees of a raw password that ends its URL's authority. Digits are a port.
    if (!authority.includes('@') && !/^\d*$/.test(authority)) secrets.push(authority)
  }
  eachSecretParameter(url, (start, end) => {
    const value = url.slice(start, end)
    secrets.push(value, value.split(/[&#]/, 1)[0] ?? '', value.split(/[&#;]/, 1)[0] ?? '')
  })
  return secrets
}

/** The parts of a URL that are no secret, so that hiding them would make output useless. */
export const publicPartsOfUrl = (url: string): readonly string[] => {
  const masked = maskUrl(url)
  return masked.split(/[:/?#@&=]+/).filter((part) => part !== '' && part !== mask)
}

// The name of a scheme, where a URL begins: a raw password may hold one.
const urlStart = /(?<=^|[\s"'`(<[{|])(?=[a-z][a-z0-9+.-]+:\/\/)/i
const head = /^.*?[a-z][a-z0-9+.-]+:\/\/[^/?#:@\s"'`<>]*:/i
const port = /^\d{1,5}(?:[/?#\s"'`),;.]|$)/

const maskPiece = (piece: string): string => {
  const start = head.exec(piece)?.[0]
  let masked = piece
  if (start !== undefined) {
    const rest = piece.slice(start.length)
    const run = rest.split(/[\s"'`<>]/, 1)[0] ?? ''
    const end = rest.lastIndexOf('@')
    // `host:5432/db` has no password, though an `@` may follow in the same line.
    const isPort = port.test(rest) && !run.includes('@')
    if (end >= 0 && !isPort && !rest.startsWith(`${mask}@`)) {
      masked = `${start}${mask}${rest.slice(end)}`
    }
  }
  return maskParameters(masked)
}

/**
 * A text of somebody else with the passwords of its URLs hidden. One that was given raw may have blanks and quotes in
 * it, so it is taken to end at the last `@` of its line.
 */
export const maskUrlsWithin = (text: string): string =>
  text.includes('://')
    ? text.replace(/[^\n]+/g, (line) =>
        line.includes('://') ? line.split(urlStart).map(maskPiece).join('') : line,
      )
    : text
