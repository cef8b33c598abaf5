export {
  mask,
  isUrl,
  maskUrl,
  maskSetting,
  secretsOfUrl,
  publicPartsOfUrl,
  maskUrlsWithin,
} from './mask-url.ts'
export { Redactor } from './redactor.ts'
export { isSecretName } from './secret-names.ts'
export { spellingsOf } from './spellings.ts'
