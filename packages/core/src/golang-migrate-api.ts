export type {
  DropInContext,
  DropInDescriptor,
  DropInDriver,
  DropInModule,
  DropInState,
} from './golang-migrate/drop-in-driver.ts'
export { lockedText, notLockedText } from './golang-migrate/drop-in-driver.ts'
export { lockKey } from './driver/lock-key.ts'
export {
  dialText,
  joinErrors,
  portText,
  queryError,
  systemCode,
  systemText,
  toError,
} from './golang-migrate/error-text.ts'
export type { QueryFailure } from './golang-migrate/error-text.ts'
export { goUnescape } from './golang-migrate/go-escape.ts'
export { filterCustomQuery, goParseQuery, goQueryValues } from './golang-migrate/go-query.ts'
export {
  goAtoi,
  goParseBool,
  goParseInt,
  goParseUint,
  goQuote,
} from './golang-migrate/go-strconv.ts'
export { formatGoUrl, parseGoUrl, schemeOfUrl } from './golang-migrate/go-url.ts'
export type { GoUrl } from './golang-migrate/go-url.ts'
export { goParseDuration } from './golang-migrate/go-parse-duration.ts'
export { maskUrl } from './golang-migrate/mask-url.ts'
