/**
 * Calls a function with the first error that nobody caught, thrown or rejected. It ends the process. An error of its
 * own, or another one meanwhile, ends the process at once.
 */
export const onUncaught = (end: (error: unknown) => void): void => {
  let ending = false
  process.on('uncaughtException', (error: unknown) => {
    if (ending) process.exit(1)
    ending = true
    end(error)
  })
}
