import { corpus } from './corpus.ts'
import { downAll } from './down-all.ts'
import { largeFile } from './large-file.ts'
import { nothingToDo } from './nothing-to-do.ts'
import { startUp } from './start-up.ts'
import { delayedUp, up } from './up.ts'
import type { Workload } from './workload.ts'

/** Everything that is measured, in the order of the report. */
export const allWorkloads: readonly Workload[] = [
  startUp,
  up(1),
  up(10),
  up(100),
  up(1_000),
  nothingToDo(1),
  nothingToDo(1_000),
  downAll(1_000),
  corpus,
  delayedUp(1, 1),
  delayedUp(100, 1),
  delayedUp(1, 20),
  delayedUp(100, 20),
  largeFile(50),
  up(10_000),
  nothingToDo(10_000),
]

/** Those that take seconds. */
export const quickWorkloads: ReadonlySet<string> = new Set([
  'version',
  'up-1',
  'up-100',
  'up-1000',
  'nothing-1',
  'nothing-1000',
])
