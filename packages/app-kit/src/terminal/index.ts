export { field, printable, shown, join, count, elapsed, lines } from './shown.ts'
export type { Shown } from './shown.ts'
