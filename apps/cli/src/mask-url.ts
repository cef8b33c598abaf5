/** What stands in place of a secret. */
export const mask = '***'

const credentials = /^([a-z][a-z0-9+.-]*:\/\/)([^/?#:@]*):(.*)@/is
const secretParameter =
  /([?&][^=&]*(?:password|passwd|passphrase|passwd|pwd|secret|token)=)([^&#]*)/gi

/**
 * A database URL that may be shown. Passwords may be given raw, so that one with `@` or `/` in it ends at the last `@`
 * and nowhere before: rather a part of the path is hidden than a part of the password shown.
 */
export const maskUrl = (url: string): string =>
  url
    .replace(credentials, (_, scheme: string, user: string) => `${scheme}${user}:${mask}@`)
    .replace(secretParameter, (_, name: string) => `${name}${mask}`)

/** All texts that could be a password in a URL, whichever way its reader splits it. */
export const secretsOfUrl = (url: string): readonly string[] => {
  const secrets: string[] = []
  const start = /^[a-z][a-z0-9+.-]*:\/\/[^/?#:@]*:/i.exec(url)?.[0].length
  if (start !== undefined) {
    const rest = url.slice(start)
    const authority = rest.split(/[/?#]/, 1)[0] ?? ''
    const beforeQuery = rest.split(/[?#]/, 1)[0] ?? ''
    for (const part of [rest, beforeQuery, authority]) {
      const end = part.lastIndexOf('@')
      if (end > 0) secrets.push(part.slice(0, end))
    }
  }
  for (const [, , value = ''] of url.matchAll(secretParameter)) secrets.push(value)
  return secrets
}

/** The parts of a URL that are no secret, so that hiding them would make output useless. */
export const publicPartsOfUrl = (url: string): readonly string[] => {
  const masked = maskUrl(url)
  return masked.split(/[:/?#@&=]+/).filter((part) => part !== '' && part !== mask)
}
