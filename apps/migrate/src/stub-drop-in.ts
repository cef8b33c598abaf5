import { lockedText, notLockedText, type DropInDriver, type DropInState } from '@mig/golang-migrate'

/** golang-migrate's database for tests: in memory, and gone with the process. */
export const openStub = (): DropInDriver => {
  let locked = false
  let state: DropInState = { version: -1n, dirty: false }
  return {
    lock: async () => {
      if (locked) throw new Error(lockedText)
      locked = true
    },
    unlock: async () => {
      if (!locked) throw new Error(notLockedText)
      locked = false
    },
    run: async () => {},
    setVersion: async (version, dirty) => {
      state = { version, dirty }
    },
    version: async () => state,
    drop: async () => {
      state = { ...state, version: -1n }
    },
    close: async () => {},
  }
}
