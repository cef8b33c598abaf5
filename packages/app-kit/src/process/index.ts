export { onUncaught } from './uncaught.ts'
