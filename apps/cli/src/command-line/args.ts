import type { string as oclifString } from '@oclif/core/args'
import { asItIs } from './as-it-is.ts'

/** An argument as oclif describes it, without oclif. */
export const string = ((options = {}) => ({
  parse: asItIs,
  ...options,
  input: [],
  type: 'option',
})) as unknown as typeof oclifString
