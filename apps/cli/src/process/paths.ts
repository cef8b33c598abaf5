import { isAbsolute, relative } from 'node:path'

/** A path as a person in that folder would write it: relative where it lies below, else absolute. */
export const relativePath = (path: string, cwd: string): string => {
  const short = relative(cwd, path)
  if (short === '') return '.'
  return short.startsWith('..') || isAbsolute(short) ? path : short
}
