export { openDropIn } from './postgres-drop-in.ts'
