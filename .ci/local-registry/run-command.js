// Runs programs and says what they printed. Asynchronous throughout: the registry answers from the same process.
import { spawn } from 'node:child_process'

/** Runs a program to its end. Standard output and error come back together, in the order of their arrival. */
export const run = async (file, args, { cwd, env, ends = 0 } = {}) => {
  const child = spawn(file, args, { cwd, env, stdio: ['ignore', 'pipe', 'pipe'] })
  let output = ''
  for (const stream of [child.stdout, child.stderr]) {
    stream.setEncoding('utf8').on('data', (text) => (output += text))
  }
  const code = await new Promise((end, fail) => {
    child.on('error', fail)
    child.on('close', end)
  })
  if (code !== ends) {
    throw new Error(
      `"${[file, ...args].join(' ')}" in ${cwd} ended with ${code}, not ${ends}:\n${output}`,
    )
  }
  return output
}

/** The same, up to two times: registries and what lies before them fail now and then. */
export const runPatiently = async (...args) => {
  for (let attempt = 1; ; attempt++) {
    try {
      return await run(...args)
    } catch (error) {
      if (attempt === 2) throw error
      process.stderr.write(`attempt ${attempt} failed: ${error.message}\n`)
    }
  }
}
