const mask = '***'
const credentials = /^(\s*[A-Za-z][A-Za-z0-9+.-]*:\/\/)([^/?#:@]*):(.*)@/s

/**
 * A URL that may be shown. A password given raw may hold `@` or `/`, so it ends at the last `@` and nowhere before.
 */
export const maskUrl = (url: string): string =>
  url.replace(credentials, (_, scheme: string, user: string) => `${scheme}${user}:${mask}@`)

/** An explanation of what is wrong with a URL, without the pieces of the password that it quotes. */
export const maskWithin = (reason: string, url: string): string => {
  const secret = credentials.exec(url)?.[3]
  if (secret === undefined || secret === '') return reason
  return reason.replace(/"(.*)"/s, (quoted, piece: string) =>
    secret.includes(piece.replace(/^:/, '')) ? `"${mask}"` : quoted,
  )
}
