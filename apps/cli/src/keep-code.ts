/**
 * Keeps the compiled code of what has run for the next start. After `steps`, migrations were run; after `look`, something
 * was looked at. What a run of more kept is not written over by one of less.
 */
export type KeepCode = (reached: 'look' | 'steps') => void
