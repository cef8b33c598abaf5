export { openDropIn } from './drop-in.ts'
