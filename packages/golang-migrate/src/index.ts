export type {
  DropInContext,
  DropInDescriptor,
  DropInDriver,
  DropInModule,
  DropInState,
} from '@mig/core/driver'
export { lockedText, notLockedText } from './lock-text.ts'
export { lockKey } from '@mig/core/driver'
export {
  dialText,
  joinErrors,
  portText,
  queryError,
  systemCode,
  systemText,
  toError,
} from './error-text.ts'
export type { QueryFailure } from './error-text.ts'
export { goUnescape } from './go-escape.ts'
export { filterCustomQuery, goParseQuery, goQueryValues } from './go-query.ts'
export { goAtoi, goParseBool, goParseInt, goParseUint, goQuote } from './go-strconv.ts'
export { formatGoUrl, parseGoUrl, schemeOfUrl } from './go-url.ts'
export type { GoUrl } from './go-url.ts'
export { goParseDuration } from './go-parse-duration.ts'
export { maskUrl } from './mask-url.ts'
