import type {
  boolean as oclifBoolean,
  option as oclifOption,
  string as oclifString,
} from '@oclif/core/flags'
import { asItIs } from './as-it-is.ts'

// Flags as oclif describes them: plain objects. oclif's own functions make the same ones, and to load them takes longer
// than all else that a command loads.

/** A flag without a value. */
export const boolean = ((options = {}) => ({
  parse: asItIs,
  ...options,
  allowNo: false,
  type: 'boolean',
})) as typeof oclifBoolean

/** A flag with a value. */
export const string = ((options: { readonly multiple?: boolean } = {}) => ({
  parse: asItIs,
  ...options,
  input: [],
  multiple: options.multiple === true,
  type: 'option',
})) as unknown as typeof oclifString

/** A flag with one of a few values. */
export const option = ((given: object) =>
  (options = {}) =>
    string({ ...given, ...options })) as unknown as typeof oclifOption
