/** What golang-migrate says when the lock cannot be had. */
export const lockedText = "can't acquire lock"

/** What golang-migrate says when a lock is released that is not held. */
export const notLockedText = "can't unlock, as not currently locked"
