import { edited, walk } from './edit-code.js'

/** CommonJS packages of the bundle whose modules ask at their top for all that they might need. */
const packages =
  /\/node_modules\/(@oclif\/core|clean-stack|debug|mysql2|pg|supports-color)\/.*\.js$/

/**
 * What is worth asking for late, where it is not all. MySQL's client goes through its own modules for every packet, so
 * there it is what it hardly ever needs, or once: the table of errors, large numbers (in WebAssembly), encryption, and
 * readers of rows that mig does not use. PostgreSQL's needs cryptography once the server has answered, and a resolver
 * for the names of hosts.
 */
const wantedOf = [
  [/\/mysql2\//, /errors\.js|'(long|tls|crypto)'|(text|binary)_parser\.js|parser_cache\.js/],
  [/\/pg\//, /crypto|dns|utils/],
]
const isWanted = (id) => {
  const [, wanted = /./] = wantedOf.find(([of]) => of.test(id)) ?? []
  return (call) => wanted.test(call)
}

/** A call that gives a module, perhaps in TypeScript's wrapping for default exports. */
const isRequire = (node) =>
  node?.type === 'CallExpression' &&
  node.callee.type === 'Identifier' &&
  /^(require|__toESM|__import(Default|Star))$/.test(node.callee.name) &&
  (node.arguments[0]?.type === 'Literal' || isRequire(node.arguments[0]))

/** Whether an identifier stands for a variable, and is not the name of a property. */
const isVariable = (node, parent) =>
  node.type === 'Identifier' &&
  (node !== parent.property || parent.computed) &&
  (node !== parent.key || parent.computed)

/**
 * How a module is asked for: each time anew, which costs nothing within the bundle, or once. The use is in brackets, for
 * it may stand behind `new`.
 */
const eachTime = (name, call) => ({
  declaration: '',
  use: `(${call})`,
})
const once = (name, call) => ({
  declaration: `let ${name}; const ${name}$get = () => (${name} ??= ${call});`,
  use: `(${name}$get())`,
})

/**
 * The code with the wanted modules asked for where they are used. A variable that is assigned again is left alone.
 */
const inlined = (code, program, wanted, asked) => {
  const assigned = new Set()
  for (const [node] of walk(program)) {
    if (node.type === 'AssignmentExpression') assigned.add(node.left.name)
  }
  const uses = new Map()
  const declared = new Set()
  const edits = []
  for (const node of program.body) {
    if (node.type !== 'VariableDeclaration' || node.declarations.length !== 1) continue
    const [{ id, init }] = node.declarations
    if (id.type !== 'Identifier' || assigned.has(id.name) || !isRequire(init)) continue
    const call = code.slice(init.start, init.end)
    if (!wanted(call)) continue
    const { declaration, use } = asked(id.name, call)
    uses.set(id.name, use)
    declared.add(id)
    edits.push({ start: node.start, end: node.end, text: declaration })
  }
  for (const [node, parent] of walk(program)) {
    if (!isVariable(node, parent) || declared.has(node) || !uses.has(node.name)) continue
    if (parent.id === node || parent.params?.includes(node)) {
      throw new Error(`"${node.name}" cannot be put in place of a module`)
    }
    const text = `${parent.shorthand ? `${node.name}: ` : ''}${uses.get(node.name)}`
    edits.push({ start: node.start, end: node.end, text })
  }
  return edited(code, edits)
}

/**
 * A rolldown plugin: puts each `require` where its result is used. A module is then evaluated when it is needed; most of
 * oclif and many of Node's own never are. The same for the files of the bundle that are named so.
 */
export const inlineRequires = {
  name: 'inline-requires',
  transform: {
    filter: { id: packages },
    handler(code, id) {
      const program = this.parse(code, { lang: 'js', sourceType: 'commonjs' })
      return inlined(code, program, isWanted(id), eachTime)
    },
  },
  renderChunk(code) {
    const program = this.parse(code, { lang: 'js', sourceType: 'commonjs' })
    return inlined(code, program, (call) => /node:|\.\/chunk-late-/.test(call), once)
  },
}
