import { directorySource, memorySource } from '@mig/core'
import { mkdtemp, rm, writeFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterAll } from 'vitest'
import { testSource } from '../src/index.ts'

testSource({ name: 'memory', open: (files) => memorySource(files) })

const folders: string[] = []

afterAll(async () => {
  for (const folder of folders) await rm(folder, { recursive: true })
})

testSource({
  name: 'directory',
  open: async (files) => {
    const folder = await mkdtemp(join(tmpdir(), 'mig-source-'))
    folders.push(folder)
    for (const [name, body] of Object.entries(files)) await writeFile(join(folder, name), body)
    return directorySource(folder)
  },
})
