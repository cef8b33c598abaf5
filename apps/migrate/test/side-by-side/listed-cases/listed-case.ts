import type { DatabaseKind } from '@mig/testing'
import type { SideDatabase } from '../database.ts'
import type { Workplace } from '@mig/internal-testing'

/** How a tool ends, and what it says. Standard output is always empty. */
export interface ListedResult {
  readonly exitCode: number | null
  readonly stderr: string | RegExp
}

/** A deviation that random steps do not meet, or a case where there must be none. */
export interface ListedCase {
  /** Number in the list of quirks, or what it is about. */
  readonly quirk: string
  readonly kind: DatabaseKind
  readonly files?: Readonly<Record<string, string | Uint8Array>>
  prepare?(workplace: Workplace, database: SideDatabase): Promise<void> | void
  readonly parameters?: string
  readonly scheme?: string
  /** Makes the URL that is used of the right one. */
  url?(url: string): string
  readonly command: string
  readonly stdin?: string
  /** The server ends the connection while a script with the comment `holder` runs. */
  readonly losesConnection?: true
  /** What golang-migrate does. One that hangs is not run. */
  readonly theirs: ListedResult | 'hangs'
  /** What `migrate` does. Default is the same. */
  readonly ours?: ListedResult
  /** The words by which the page on coming from golang-migrate tells of a difference that has no number. */
  readonly page?: string
  /** A query that must work on our side afterwards. */
  readonly afterwards?: string
}

/** A file made of pieces of text and single bytes. */
export const bytes = (...parts: readonly (string | number)[]): Uint8Array =>
  Buffer.concat(
    parts.map((part) => (typeof part === 'string' ? Buffer.from(part) : Buffer.from([part]))),
  )

/** Puts other credentials into a URL or a DSN. */
export const asUser =
  (credentials: string) =>
  (url: string): string =>
    url.replace(/\/\/[^@]*@/, () => `//${credentials}@`)

/** Puts another place into a URL or a DSN. */
export const at =
  (place: string) =>
  (url: string): string =>
    url.replace(/@[^/]*\//, () => `@${place}/`)
