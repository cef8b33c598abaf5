/** A signal that also fires when a time is over. */
export interface Timeout {
  readonly signal: AbortSignal | undefined
  readonly timedOut: () => boolean
  /** Call when the work is done. */
  readonly clear: () => void
}

/** Joins a signal with a time in milliseconds; `0` is no limit. */
export const withTimeout = (signal: AbortSignal | undefined, ms: number): Timeout => {
  if (ms === 0) return { signal, timedOut: () => false, clear: () => undefined }
  const controller = new AbortController()
  let timedOut = false
  const timer = setTimeout(() => {
    timedOut = true
    controller.abort()
  }, ms)
  const abort = (): void => controller.abort(signal?.reason)
  signal?.addEventListener('abort', abort, { once: true })
  if (signal?.aborted === true) abort()
  return {
    signal: controller.signal,
    timedOut: () => timedOut,
    clear: () => {
      clearTimeout(timer)
      signal?.removeEventListener('abort', abort)
    },
  }
}

/** Says which of all timeouts it was. */
export const timeoutHint = (ms: number): string =>
  `It was cancelled after ${ms} ms, the x-statement-timeout of the database URL.`
