import { invalidOption } from './options.ts'

const truths = new Set(['1', 't', 'T', 'TRUE', 'true', 'True'])
const falsehoods = new Set(['0', 'f', 'F', 'FALSE', 'false', 'False'])

/** The spellings that Go takes for a boolean, or nothing for another text. */
export const asBoolean = (value: string): boolean | undefined =>
  truths.has(value) ? true : falsehoods.has(value) ? false : undefined

/** A boolean. Throws `INVALID_OPTION`. */
export const readBoolean = (name: string, value: string): boolean => {
  const known = asBoolean(value)
  if (known !== undefined) return known
  throw invalidOption(name, `"${value}" is not a value for ${name}`, 'Write "true" or "false".')
}

/** A whole number. Throws `INVALID_OPTION`. */
export const readNumber = (name: string, value: string, unit: string): number => {
  if (/^\+?\d{1,15}$/.test(value)) return Number(value)
  throw invalidOption(
    name,
    `"${value}" is not a value for ${name}`,
    `Write a whole number of ${unit}.`,
  )
}

const unitsMs: Readonly<Record<string, number>> = {
  ns: 1e-6,
  us: 1e-3,
  µs: 1e-3,
  ms: 1,
  s: 1000,
  m: 60_000,
  h: 3_600_000,
}

/** A duration as Go writes it, in milliseconds. Throws `INVALID_OPTION`. */
export const readDuration = (name: string, value: string): number => {
  if (value === '0') return 0
  const parts = [...value.matchAll(/(\d+(?:\.\d+)?)(ns|us|µs|ms|s|m|h)/g)]
  if (parts.length === 0 || parts.map(([part]) => part).join('') !== value) {
    throw invalidOption(
      name,
      `"${value}" is not a value for ${name}`,
      'Write "500ms", "30s" or "2m".',
    )
  }
  const sum = parts.reduce((ms, [, n, unit]) => ms + Number(n) * (unitsMs[unit ?? ''] ?? 0), 0)
  return Math.ceil(sum)
}
