const second = 1_000_000_000n
const minute = 60n * second
const hour = 60n * minute

/** A number with its decimals, the zeros at the end left out. */
const decimal = (value: bigint, unit: bigint): string => {
  const digits = unit.toString().length - 1
  const fraction = (value % unit).toString().padStart(digits, '0').replace(/0+$/, '')
  return fraction === '' ? `${value / unit}` : `${value / unit}.${fraction}`
}

/** A duration in nanoseconds as Go writes it, such as `1h0m0s`, `1.5s`, `12.345678ms`, `1.5µs`. */
export const formatGoDuration = (nanoseconds: bigint): string => {
  if (nanoseconds === 0n) return '0s'
  if (nanoseconds < 0n) return `-${formatGoDuration(-nanoseconds)}`
  if (nanoseconds < 1000n) return `${nanoseconds}ns`
  if (nanoseconds < 1_000_000n) return `${decimal(nanoseconds, 1000n)}µs`
  if (nanoseconds < second) return `${decimal(nanoseconds, 1_000_000n)}ms`
  const seconds = `${decimal(nanoseconds % minute, second)}s`
  if (nanoseconds < minute) return seconds
  const minutes = `${(nanoseconds / minute) % 60n}m${seconds}`
  return nanoseconds < hour ? minutes : `${nanoseconds / hour}h${minutes}`
}
