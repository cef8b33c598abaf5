import type { AvailabilityTable } from './availability.ts'

const variable = 'MIG_TEST_RUN'

/** What the process that started first tells the workers of a test run. */
export interface RunEnvironment {
  /** Path of the socket on which that process serves its servers. */
  readonly socket: string
  readonly availability: AvailabilityTable
}

/** The test run that this process belongs to, if a set-up module began one. */
export function readRunEnvironment(): RunEnvironment | undefined {
  const text = process.env[variable]
  return text ? (JSON.parse(text) as RunEnvironment) : undefined
}

/** Told by the environment, because workers and the programs they start inherit it. */
export function writeRunEnvironment(run: RunEnvironment | undefined): void {
  if (run === undefined) delete process.env[variable]
  else process.env[variable] = JSON.stringify(run)
}
