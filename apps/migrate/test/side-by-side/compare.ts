import type { Outcome } from '@mig/internal-testing'

const duration = '-?(?:\\d+h)?(?:\\d+m)?\\d+(?:\\.\\d+)?(?:ns|µs|ms|s)'
const patterns: readonly (readonly [RegExp, string])[] = [
  [new RegExp(` \\(${duration}\\)$`, 'gm'), ' (D)'],
  [new RegExp(`\\(read ${duration}, ran ${duration}\\)`, 'g'), '(read D, ran D)'],
  [new RegExp(`Finished after ${duration}`, 'g'), 'Finished after D'],
  [/^\d{4}\/\d\d\/\d\d \d\d:\d\d:\d\d /gm, 'T '],
]

/** Text that cannot be the same on both sides, taken out: durations, times, random order, the side's own name. */
export const mask = (text: string, name: string): string =>
  patterns
    .reduce(
      (masked, [pattern, replacement]) => masked.replace(pattern, replacement),
      text.replaceAll(name, '<side>'),
    )
    .replace(/(?<=^Database drivers: ).*$/gm, sortList)

/** golang-migrate lists its drivers in random order. */
const sortList = (list: string): string => list.split(', ').toSorted().join(', ')

const planningLine = /^T (?:Start buffering|Scheduled) /

/** What is printed while planning comes from a task of its own: only its order among itself is certain. */
const split = (stderr: string): readonly [planning: readonly string[], rest: readonly string[]] => {
  const lines = stderr.split('\n')
  return [
    lines.filter((line) => planningLine.test(line)),
    lines.filter((line) => !planningLine.test(line)),
  ]
}

/** Versions made of nanoseconds are the one thing about `create` that no two runs have in common. */
export const maskNanoseconds = (text: string): string =>
  text.replace(
    /\b1\d{18}(?=_[^/]*\.(?:up|down)\.)|(?<=(?:next sequence number|duplicate migration version:) )1\d{18}\b/g,
    'N',
  )

const isPrefix = (shorter: readonly string[], longer: readonly string[]): boolean =>
  shorter.every((line, index) => line === longer[index])

/** Both sides of a step, already masked. */
export interface Compared {
  readonly theirs: Outcome
  readonly ours: Outcome
}

/** What is different, or nothing. */
export const difference = ({ theirs, ours }: Compared): string | undefined => {
  if (theirs.exitCode !== ours.exitCode) return `exit code ${theirs.exitCode} and ${ours.exitCode}`
  // Both write nothing there.
  if (theirs.stdout !== ours.stdout) return 'stdout'
  const [theirPlan, theirRest] = split(maskNanoseconds(theirs.stderr))
  const [ourPlan, ourRest] = split(maskNanoseconds(ours.stderr))
  if (theirRest.join('\n') !== ourRest.join('\n')) return 'stderr'
  const sameLength = theirPlan.length === ourPlan.length
  // A run that ends early ends planning wherever it is.
  if (theirs.exitCode === 0 && !sameLength) return 'number of planned steps'
  const [shorter, longer] =
    theirPlan.length < ourPlan.length ? [theirPlan, ourPlan] : [ourPlan, theirPlan]
  return isPrefix(shorter, longer) ? undefined : 'planned steps'
}
