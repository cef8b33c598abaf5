/** What came of a function, and the variables that it looked for and that are not set. */
export interface WithVariables<R> {
  readonly result: R
  readonly unset: readonly string[]
}

/**
 * Calls a function with more variables in `process.env`: those that are not set there yet. They are gone afterwards, so
 * that nothing that mig starts or does later depends on them.
 */
export const withVariables = async <R>(
  values: Readonly<Record<string, string>>,
  action: () => Promise<R>,
): Promise<WithVariables<R>> => {
  const own = process.env
  const added = Object.keys(values).filter((name) => (own[name] ?? '') === '')
  const before = added.map((name) => [name, own[name]] as const)
  const unset = new Set<string>()
  for (const name of added) own[name] = values[name]
  process.env = new Proxy(own, {
    get: (target, name) => {
      const value: unknown = Reflect.get(target, name)
      if (typeof name === 'string' && (value === undefined || value === '')) unset.add(name)
      return value
    },
  })
  try {
    return { result: await action(), unset: [...unset] }
  } finally {
    process.env = own
    for (const [name, value] of before) {
      if (value === undefined) delete own[name]
      else own[name] = value
    }
  }
}
