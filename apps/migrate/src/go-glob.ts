import { lstatSync, readdirSync } from 'node:fs'
import { join } from 'node:path'

const badPattern = (): Error => new Error('syntax error in pattern')

const special = /[*?[\\]/

const literal = (character: string): string => character.replace(/[\^$.*+?()[\]{}|/\\]/, '\\$&')

const literalInClass = (character: string): string =>
  character.replace(/[\^$.*+?()[\]{}|/\\-]/, '\\$&')

/** One character of a class, which a backslash may precede. */
const readClassCharacter = (
  characters: readonly string[],
  at: number,
): readonly [string, number] => {
  const character = characters[at]
  if (character === undefined || character === '-' || character === ']') throw badPattern()
  if (character !== '\\') return [character, at + 1]
  const escaped = characters[at + 1]
  if (escaped === undefined) throw badPattern()
  return [escaped, at + 2]
}

const readClass = (characters: readonly string[], start: number): readonly [string, number] => {
  const negated = characters[start] === '^'
  let ranges = ''
  let at = negated ? start + 1 : start
  while (ranges === '' || characters[at] !== ']') {
    let low: string
    ;[low, at] = readClassCharacter(characters, at)
    let high = low
    if (characters[at] === '-') [high, at] = readClassCharacter(characters, at + 1)
    if (at >= characters.length) throw badPattern()
    // A range that runs backwards matches nothing.
    ranges += low <= high ? `${literalInClass(low)}-${literalInClass(high)}` : '\\u{10ffff}'
  }
  return [`[${negated ? '^' : ''}${ranges}]`, at + 1]
}

/** A pattern of Go's `filepath.Match` as a regular expression. Throws for a malformed one. */
const globToRegExp = (pattern: string): RegExp => {
  const characters = [...pattern]
  let source = ''
  for (let at = 0; at < characters.length;) {
    const character = characters[at] ?? ''
    at++
    if (character === '*') source += '[^/]*'
    else if (character === '?') source += '[^/]'
    else if (character === '[') {
      const [text, next] = readClass(characters, at)
      source += text
      at = next
    } else if (character === '\\') {
      const escaped = characters[at]
      if (escaped === undefined) throw badPattern()
      source += literal(escaped)
      at++
    } else source += literal(character)
  }
  return new RegExp(`^${source}$`, 'su')
}

/** Paths that match a pattern, in the order of Go's `filepath.Glob`. */
export const goGlob = (pattern: string): readonly string[] => {
  globToRegExp(pattern)
  return glob(pattern)
}

const glob = (pattern: string): readonly string[] => {
  if (!special.test(pattern)) return exists(pattern) ? [pattern] : []
  const slash = pattern.lastIndexOf('/')
  const name = globToRegExp(pattern.slice(slash + 1))
  const folder = slash < 0 ? '.' : slash === 0 ? '/' : pattern.slice(0, slash)
  const folders = special.test(folder) ? glob(folder) : [folder]
  return folders.flatMap((found) =>
    namesIn(found)
      .filter((candidate) => name.test(candidate))
      .map((candidate) => (slash < 0 ? candidate : join(found, candidate))),
  )
}

const exists = (path: string): boolean => lstatSync(path, { throwIfNoEntry: false }) !== undefined

/** A folder that cannot be read has no names. */
const namesIn = (folder: string): readonly string[] => {
  try {
    return readdirSync(folder).toSorted((a, b) => Buffer.compare(Buffer.from(a), Buffer.from(b)))
  } catch {
    return []
  }
}
