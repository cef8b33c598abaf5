import { inspect } from 'node:util'

/** Everything that a value shows: its text, its JSON, what a debugger sees, and all of that of its causes. */
const views = (value: unknown): readonly string[] => {
  const seen = new Set<unknown>()
  const texts: string[] = []
  for (let at = value; at !== undefined && at !== null && !seen.has(at);) {
    seen.add(at)
    texts.push(inspect(at, { depth: 12, showHidden: true, maxStringLength: null }))
    texts.push(toJson(at))
    if (at instanceof Error) texts.push(String(at), at.message, at.stack ?? '')
    at = typeof at === 'object' && 'cause' in at ? at.cause : undefined
  }
  return texts
}

const toJson = (value: unknown): string => {
  const seen = new Set<unknown>()
  const text: unknown = JSON.stringify(value, (_key, part: unknown) => {
    if (typeof part === 'bigint') return part.toString()
    if (typeof part !== 'object' || part === null) return part
    if (seen.has(part)) return undefined
    seen.add(part)
    return part
  })
  return typeof text === 'string' ? text : ''
}

/** Which of the secrets a value shows anywhere. The answer counts them, so that a failed test does not print them. */
export const leaksIn = (value: unknown, secrets: readonly string[] = []): readonly string[] => {
  const texts = views(value)
  return secrets.flatMap((secret, index) =>
    secret !== '' && texts.some((text) => text.includes(secret)) ? [`secret ${index + 1}`] : [],
  )
}
