import { clientCases } from './clients.ts'
import { connectionCases } from './connections.ts'
import { keptCases } from './kept.ts'
import type { ListedCase } from './listed-case.ts'
import { repairedCases } from './repaired.ts'

/** All cases that are played one by one, in both tools. */
export const listedCases: readonly ListedCase[] = [
  ...repairedCases,
  ...keptCases,
  ...clientCases,
  ...connectionCases,
]
