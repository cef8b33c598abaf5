import { isUrl, mask, maskUrlsWithin, publicPartsOfUrl, secretsOfUrl } from './mask-url.ts'
import { spellingsOf } from './spellings.ts'

const shortest = 4

const decoded = (text: string): string => {
  try {
    return decodeURIComponent(text)
  } catch {
    return text
  }
}

const optionsWithUrl = /^(?:--(?:database|source)|-database|-source|-d)$/
const optionsWithValue = /^(?:--?(?:database|source)=|-d=?(?=.*[:@=]))/
const assignment =
  /\b(?:password|passwd|passphrase|pwd|pass|secret|token)\s*[=:]\s*(?:'((?:[^'\\]|\\.)*)'|"((?:[^"\\]|\\.)*)"|([^\s,;&]+))/gi

/**
 * Hides the secrets it was told of in texts of others that leave the process: error messages of servers and clients,
 * what npm and git print, `DEBUG=*`, which logs the command line. Results in mig's own words do not go through it: there
 * a password that is also a word would damage what scripts read.
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

  /** Hides the password of a database URL from now on, or a text whole that was given for one and is none. */
  addUrl(url: string | undefined): void {
    if (url === undefined || url === '') return
    if (isUrl(url)) {
      for (const part of publicPartsOfUrl(url)) {
        this.#public.add(part)
        this.#public.add(decoded(part))
      }
      for (const secret of secretsOfUrl(url)) this.#secrets.add(secret)
    } else {
      this.#secrets.add(url).add(url.trim())
      this.#addGuesses(url)
    }
    this.#pattern = 'outdated'
  }

  /** Hides the passwords on a command line: those of URLs, and all that was given for a URL. */
  addCommandLine(argv: readonly string[]): void {
    for (const [index, argument] of argv.entries()) {
      const given = optionsWithUrl.test(argv[index - 1] ?? '')
        ? argument
        : optionsWithValue.test(argument)
          ? argument.replace(optionsWithValue, '')
          : undefined
      if (given !== undefined) this.addUrl(given)
      else if (argument.includes('://')) this.addUrl(argument.replace(/^--?[\w-]+=/, ''))
      else this.#addGuesses(argument)
    }
  }

  /** Hides the passwords among the variables of the environment or of `.env`. */
  addVariables(variables: Readonly<Record<string, string | undefined>>): void {
    for (const [name, value] of Object.entries(variables)) {
      if (value === undefined || value === '') continue
      if (/(?:^|_)(?:PASSWORD|PASSWD)$|^MYSQL_PWD$|^PGPASSWORD$/i.test(name)) this.add(value)
      else if (/^(?:MIG_DATABASE|DATABASE_URL|MIG_SOURCE)$/.test(name)) this.addUrl(value)
      else if (value.includes('://')) this.addUrl(value)
    }
  }

  /** The text without secrets. */
  redact(text: string): string {
    if (this.#pattern === 'outdated') this.#pattern = this.#compile()
    return maskUrlsWithin(this.#pattern === undefined ? text : text.replace(this.#pattern, mask))
  }

  /** What could be a password in a text that is no URL: `user:password@…`, `password=…`. */
  #addGuesses(text: string): void {
    for (const [, single, double, bare] of text.matchAll(assignment)) {
      this.add(single ?? double ?? bare)
    }
    const end = text.lastIndexOf('@')
    const start = text.indexOf(':')
    if (start >= 0 && end > start + 1) this.add(text.slice(start + 1, end))
  }

  #compile(): RegExp | undefined {
    const known = new Set<string>()
    for (const secret of this.#secrets) {
      known
        .add(secret)
        .add(decoded(secret))
        .add(decoded(secret.replaceAll('+', ' ')))
    }
    const hidden = [...known]
      .filter((secret) => secret.length >= shortest && !this.#public.has(secret))
      .toSorted((a, b) => b.length - a.length)
    return hidden.length === 0 ? undefined : new RegExp(hidden.map(spellingsOf).join('|'), 'g')
  }
}
