/** Every node below one, with its parent. */
export function* walk(parent) {
  for (const value of Object.values(parent)) {
    for (const node of Array.isArray(value) ? value : [value]) {
      if (typeof node?.type !== 'string') continue
      yield [node, parent]
      yield* walk(node)
    }
  }
}

/** The code with some of its parts replaced. */
export const edited = (code, edits) => {
  const parts = []
  let from = 0
  for (const { start, end, text } of edits.toSorted((a, b) => a.start - b.start)) {
    parts.push(code.slice(from, start), text)
    from = end
  }
  return [...parts, code.slice(from)].join('')
}
