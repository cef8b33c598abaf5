import { directorySource, memorySource } from '@mig/core'
import { testFolder } from '@mig/internal-testing'
import { writeFile } from 'node:fs/promises'
import { join } from 'node:path'
import { testSource } from '../src/index.ts'

testSource({ name: 'memory', open: (files) => memorySource(files) })

testSource({
  name: 'directory',
  open: async (files) => {
    const folder = testFolder('source')
    for (const [name, script] of Object.entries(files)) await writeFile(join(folder, name), script)
    return directorySource(folder)
  },
})
