/** A signal that also fires when a time is over, or on demand. */
export interface Timeout {
  readonly signal: AbortSignal
  readonly timedOut: () => boolean
  /** Fires the signal. */
  readonly cancel: () => void
  /** Call when the work is done. */
  readonly clear: () => void
}

/** Joins a signal with a time in milliseconds; `0` is not a limit. */
export const withTimeout = (signal: AbortSignal | undefined, ms: number): Timeout => {
  const controller = new AbortController()
  let timedOut = false
  const expire = (): void => {
    timedOut = true
    controller.abort()
  }
  const timer = ms === 0 ? undefined : setTimeout(expire, ms)
  const abort = (): void => controller.abort(signal?.reason)
  signal?.addEventListener('abort', abort, { once: true })
  if (signal?.aborted === true) abort()
  return {
    signal: controller.signal,
    timedOut: () => timedOut,
    cancel: () => controller.abort(),
    clear: () => {
      clearTimeout(timer)
      signal?.removeEventListener('abort', abort)
    },
  }
}

/** Says which of all timeouts it was. */
export const timeoutHint = (ms: number): string =>
  `It was cancelled after ${ms} ms, the x-statement-timeout of the database URL.`
