/** CommonJS packages of the bundle whose modules ask at their top for all that they might need. */
const packages = /\/node_modules\/(@oclif\/core|clean-stack|debug|supports-color)\/.*\.js$/

/** A call that gives a module, perhaps in TypeScript's wrapping for default exports. */
const isRequire = (node) =>
  node?.type === 'CallExpression' &&
  node.callee.type === 'Identifier' &&
  /^(require|__toESM|__import(Default|Star))$/.test(node.callee.name) &&
  (node.arguments[0]?.type === 'Literal' || isRequire(node.arguments[0]))

/** Every node below one, with its parent. */
function* walk(parent) {
  for (const value of Object.values(parent)) {
    for (const node of Array.isArray(value) ? value : [value]) {
      if (typeof node?.type !== 'string') continue
      yield [node, parent]
      yield* walk(node)
    }
  }
}

/** Whether an identifier stands for a variable, and is not the name of a property. */
const isVariable = (node, parent) =>
  node.type === 'Identifier' &&
  (node !== parent.property || parent.computed) &&
  (node !== parent.key || parent.computed)

/** The code with the wanted modules asked for where they are used. A variable that is assigned again is left alone. */
const inlined = (code, program, wanted) => {
  const calls = new Map()
  const edits = []
  const assigned = new Set()
  for (const [node] of walk(program)) {
    if (node.type === 'AssignmentExpression') assigned.add(node.left.name)
  }
  for (const node of program.body) {
    if (node.type !== 'VariableDeclaration' || node.declarations.length !== 1) continue
    const [{ id, init }] = node.declarations
    const call = code.slice(init?.start, init?.end)
    if (id.type !== 'Identifier' || !isRequire(init) || !wanted(call) || assigned.has(id.name))
      continue
    // In brackets, for what stands behind `new`.
    calls.set(id.name, `(${call})`)
    edits.push({ start: node.start, end: node.end, text: '', declares: id })
  }
  const declared = new Set(edits.map(({ declares }) => declares))
  for (const [node, parent] of walk(program)) {
    if (!isVariable(node, parent) || declared.has(node) || !calls.has(node.name)) continue
    if (parent.shorthand || parent.id === node || parent.params?.includes(node)) {
      throw new Error(`"${node.name}" cannot be put in place of a module`)
    }
    edits.push({ start: node.start, end: node.end, text: calls.get(node.name) })
  }
  let result = code
  for (const { start, end, text } of edits.toSorted((a, b) => b.start - a.start)) {
    result = result.slice(0, start) + text + result.slice(end)
  }
  return result
}

/**
 * A rolldown plugin: puts each `require` where its result is used. A module is then evaluated when it is needed; most of
 * oclif and many of Node's own never are.
 */
export const inlineRequires = {
  name: 'inline-requires',
  transform: {
    filter: { id: packages },
    handler(code) {
      return inlined(code, this.parse(code, { lang: 'js', sourceType: 'commonjs' }), () => true)
    },
  },
  renderChunk(code) {
    const program = this.parse(code, { lang: 'js', sourceType: 'commonjs' })
    return inlined(code, program, (call) => call.includes('node:'))
  },
}
