const units: Readonly<Record<string, number>> = { ms: 1, s: 1000, m: 60_000, h: 3_600_000 }
const pattern = /^(\d+(?:\.\d+)?)(ms|s|m|h)$/

/**
 * Milliseconds of a duration such as `500ms`, `30s`, `2m`, `1h`, or nothing for anything else. A bare number is nothing:
 * whether 30 means seconds or milliseconds is a guess.
 */
export const parseDuration = (text: string): number | undefined => {
  const match = pattern.exec(text.trim())
  const [, number = '', unit = ''] = match ?? []
  const factor = units[unit]
  return factor === undefined ? undefined : Math.round(Number(number) * factor)
}

/** Writes milliseconds as {@link parseDuration} reads them. */
export const formatDuration = (ms: number): string => {
  if (ms === 0) return '0s'
  for (const [unit, factor] of Object.entries(units).toReversed()) {
    if (ms % factor === 0) return `${ms / factor}${unit}`
  }
  return `${ms}ms`
}
