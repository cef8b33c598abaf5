import type { FailedStep } from '@mig/core'

const range = (from: number, to: number): string => {
  if (from === to) return `statement ${from}`
  return `statements ${from} ${to === from + 1 ? 'and' : 'to'} ${to}`
}

/** What is in effect of a step that left the database dirty: `statement 1 of up 2 is in effect, the rest is not`. */
export const renderEffect = (failed: FailedStep): string => {
  const { version, direction, statement = 0, statements = statement, effect } = failed
  const step = `${direction} ${version}`
  if (effect === undefined) return `${step} may be partly in effect`
  const { certain, open = 0, openFate, reason } = effect
  const parts: string[] = []
  const tell = (from: number, to: number, is: string, are = is): void => {
    const of = parts.length === 0 ? ` of ${step}` : ''
    parts.push(`${range(from, to)}${of} ${from === to ? is : are}`)
  }
  if (certain > 0) tell(1, certain, 'is in effect', 'are in effect')
  if (open > certain) {
    const fate = openFate === 'rolled-back' ? 'rolled back' : 'in effect as far as committed'
    tell(certain + 1, open, `is ${fate}`, `are ${fate}`)
  }
  const why = reason === undefined ? '' : ` (${reason})`
  if (effect.failed === 'perhaps') tell(statement, statement, `may be in effect${why}`)
  if (effect.failed === 'perhaps-in-part') {
    tell(statement, statement, `may be partly in effect${why}`)
  }
  if (parts.length === 0) return `nothing of ${step} is in effect`
  const more = effect.failed === 'not-in-effect' || statement < statements
  return [...parts, ...(more ? ['the rest is not'] : [])].join(', ')
}
