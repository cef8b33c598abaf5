import { createHash } from 'node:crypto'
import { edited, walk } from './edit-code.js'

/** With a character beyond Latin-1 in it, Node keeps a file's text in two bytes a character, in memory as on loading. */
export const asciiOnly = (code) =>
  code.replace(
    /[^\0-\x7f]/g,
    (character) => `\\u${character.charCodeAt(0).toString(16).padStart(4, '0')}`,
  )

const isModule = ({ type, callee }) =>
  type === 'CallExpression' &&
  /^__(commonJS|esm)Min$/.test(callee.property?.name ?? callee.name ?? '')

/** The name of the file through which all others import what is not in the bundle. */
const importFile = 'import.cjs'

/**
 * Takes the brackets off a function that the bundler wraps a module in. They tell the engine to compile it at once, and
 * most modules are not needed for most commands.
 */
const compiledLate = ({ arguments: [{ type, start, end }] }) =>
  type === 'ParenthesizedExpression'
    ? [
        { start, end: start + 1, text: '' },
        { start: end - 1, end, text: '' },
      ]
    : []

/** An `import()` in code that `bin/bundle.js` compiles would make Node warn of a feature that is not settled. */
const importedElsewhere = ({ start }) => [
  { start, end: start + 'import'.length, text: `require("./${importFile}")` },
]

const editsOf = (node) => {
  if (isModule(node)) return compiledLate(node)
  return node.type === 'ImportExpression' ? importedElsewhere(node) : []
}

/**
 * A rolldown plugin: the last touch, behind the bundler's own last one, which would write escaped characters out again.
 * Compiled code is kept under the hash of its source, where `bin/bundle.js` finds it: in the first line.
 */
export const finishFiles = {
  name: 'finish-files',
  generateBundle(_options, bundle) {
    for (const file of Object.values(bundle)) {
      if (file.type !== 'chunk') continue
      const program = this.parse(file.code, {
        lang: 'js',
        sourceType: 'commonjs',
        preserveParens: true,
      })
      const edits = [...walk(program)].flatMap(([node]) => editsOf(node))
      const code = asciiOnly(edited(file.code, edits))
      const hash = createHash('sha256').update(code).digest('hex').slice(0, 32)
      file.code = `// ${hash}\n${code}`
    }
    const source = 'module.exports = (specifier) => import(specifier)\n'
    this.emitFile({ type: 'asset', fileName: importFile, source })
  },
}
