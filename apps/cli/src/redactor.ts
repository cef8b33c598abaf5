import { inspect } from 'node:util'
import { mask, maskUrl, publicPartsOfUrl, secretsOfUrl } from './mask-url.ts'

const urlInText = /\b[a-z][a-z0-9+.-]*:\/\/[^\s'"`<>\\]*/gi
const alwaysHidden = 8
const wordCharacter = /\w/

const decoded = (text: string): string => {
  try {
    return decodeURIComponent(text)
  } catch {
    return text
  }
}

/** A text as it appears inside quotes of JSON and of Node's own formatting, beside itself. */
const quotedForms = (text: string): readonly string[] => [
  text,
  JSON.stringify(text).slice(1, -1),
  inspect(text).slice(1, -1),
]

const formsOf = (secret: string): readonly string[] => {
  const plain = decoded(secret)
  const encoded = encodeURIComponent(plain)
  const strict = encoded.replace(
    /[!'()*]/g,
    (character) => `%${character.charCodeAt(0).toString(16).toUpperCase()}`,
  )
  const form = encoded.replaceAll('%20', '+')
  const lower = encoded.replace(/%[0-9A-F]{2}/g, (code) => code.toLowerCase())
  return [secret, plain, encoded, strict, form, lower, encodeURI(plain)].flatMap(quotedForms)
}

const escapeForRegex = (text: string): string => text.replace(/[\\^$.*+?()[\]{}|/-]/g, '\\$&')

const patternOf = (form: string): string => {
  const escaped = escapeForRegex(form)
  if (form.length >= alwaysHidden) return escaped
  const before = wordCharacter.test(form.at(0) ?? '') ? '(?<!\\w)' : ''
  const after = wordCharacter.test(form.at(-1) ?? '') ? '(?!\\w)' : ''
  return `${before}${escaped}${after}`
}

/**
 * Hides the secrets it was told of in everything that leaves the process. mig prints no password of its own accord;
 * this is for what others print: a client's error message, a plugin, `DEBUG=*`, which logs the command line.
 *
 * A password that is also the user, host or database of its URL (`postgres://postgres:postgres@…`) says nothing where
 * it stands alone; it is hidden within URLs only, or else every line about the database would be made of stars. The
 * same goes for a password of three characters or less.
 */
export class Redactor {
  readonly #secrets = new Set<string>()
  readonly #public = new Set<string>()
  /** Made of the secrets when it is needed. */
  #pattern: RegExp | 'outdated' | undefined

  /** Hides a password from now on. */
  add(secret: string | undefined): void {
    if (secret === undefined || secret === '') return
    this.#secrets.add(secret)
    this.#pattern = 'outdated'
  }

  /** Hides the password of a database URL from now on. */
  addUrl(url: string | undefined): void {
    if (url === undefined) return
    for (const part of publicPartsOfUrl(url)) {
      this.#public.add(part)
      this.#public.add(decoded(part))
    }
    for (const secret of secretsOfUrl(url)) this.#secrets.add(secret)
    this.#pattern = 'outdated'
  }

  /** Hides the passwords of all URLs among some texts, such as the command line and the environment. */
  addTexts(texts: Iterable<string | undefined>): void {
    for (const text of texts) {
      if (text?.includes('://') !== true) continue
      this.addUrl(text.replace(/^--?[\w-]+=/, ''))
    }
  }

  /** The text without secrets. */
  redact(text: string): string {
    if (this.#pattern === 'outdated') this.#pattern = this.#compile()
    const hidden = this.#pattern === undefined ? text : text.replace(this.#pattern, mask)
    return hidden.includes('://') ? hidden.replace(urlInText, maskUrl) : hidden
  }

  /** A copy of some plain data, its texts without secrets. */
  redactValue(value: unknown): unknown {
    if (typeof value === 'string') return this.redact(value)
    if (Array.isArray(value)) return value.map((item) => this.redactValue(item))
    if (typeof value !== 'object' || value === null) return value
    return Object.fromEntries(
      Object.entries(value).map(([key, item]) => [key, this.redactValue(item)]),
    )
  }

  #compile(): RegExp | undefined {
    const forms = [...new Set([...this.#secrets].flatMap(formsOf))]
      .filter((form) => form.length > 3 && !this.#public.has(form))
      .toSorted((a, b) => b.length - a.length)
    return forms.length === 0 ? undefined : new RegExp(forms.map(patternOf).join('|'), 'g')
  }
}
