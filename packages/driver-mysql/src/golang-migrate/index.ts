export { openDropIn } from './mysql-drop-in.ts'
