/** A value with its references replaced. */
export interface ExpandedValue {
  readonly text: string
  /** Whether a reference named a variable that is not set and gave no default, and became nothing. */
  readonly lost: boolean
}

const reference = /\\\$|\$\{|\$([A-Za-z_][A-Za-z0-9_]*)/g
const braced = /^([^{}:+-]+)(?:(:?[-+])(.*))?$/s

/** Index of the brace that closes the one before `from`, or -1. */
const closingBrace = (text: string, from: number): number => {
  let depth = 1
  for (let at = from; at < text.length; at++) {
    if (text[at] === '{') depth++
    else if (text[at] === '}' && --depth === 0) return at
  }
  return -1
}

/** The value of a variable; nothing for one that is not set. */
export type Lookup = (name: string) => string | undefined

/**
 * Replaces `${NAME}`, `$NAME`, `${NAME:-default}` and `${NAME:+other}` as dotenv-expand does; `\$` stays a dollar sign.
 * What was put in is not looked through again, so that a password with a dollar sign in it stays what it is.
 */
export const expandVariables = (text: string, lookup: Lookup): ExpandedValue => {
  let lost = false
  const expandInner = (inner: string): string => {
    const expanded = expandVariables(inner, lookup)
    lost ||= expanded.lost
    return expanded.text
  }
  const readBraced = (inner: string): string | undefined => {
    const [, name, operator, other = ''] = braced.exec(inner) ?? []
    if (name === undefined) return undefined
    const value = lookup(name)
    if (operator?.endsWith('+') === true) return value === undefined ? '' : expandInner(other)
    if (value !== undefined) return value
    if (operator === undefined) lost = true
    return expandInner(other)
  }

  let result = ''
  let done = 0
  const search = new RegExp(reference)
  for (let match = search.exec(text); match !== null; match = search.exec(text)) {
    result += text.slice(done, match.index)
    done = search.lastIndex
    const [whole, name] = match
    if (whole === '\\$') {
      result += '$'
    } else if (name !== undefined) {
      const value = lookup(name)
      if (value === undefined) lost = true
      result += value ?? ''
    } else {
      const end = closingBrace(text, done)
      const replaced = end === -1 ? undefined : readBraced(text.slice(done, end))
      if (replaced === undefined) result += whole
      else {
        result += replaced
        done = end + 1
        search.lastIndex = done
      }
    }
  }
  return { text: result + text.slice(done), lost }
}
