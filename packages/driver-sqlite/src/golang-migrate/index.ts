export { openDropIn } from './sqlite-drop-in.ts'
