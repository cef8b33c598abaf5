import { tmpdir } from 'node:os'
import { fileURLToPath } from 'node:url'

/** Takes passwords out of URLs and data source names, as programs print them. */
export function redact(text: string): string {
  return text
    .replaceAll(/(\w+:\/\/[^:@/\s]+:)[^@\s]*@/g, '$1***@')
    .replaceAll(/([\w.-]+:)[^@\s:/]*@tcp\(/g, '$1***@tcp(')
    .replaceAll(/(password=)\S+/g, '$1***')
}

const folders = [fileURLToPath(new URL('../../..', import.meta.url)), `${tmpdir()}/`]

/** What a program printed, as a report may show it: without passwords, stack traces, filler and this machine's folders. */
export function presentable(output: string): string {
  let shown = redact(output)
  for (const folder of folders) {
    shown = shown.replaceAll(`file://${folder}`, '').replaceAll(folder, '')
  }
  return shown
    .split('\n')
    .filter((line) => !/^\s+at\s|^\s*\^\s*$|^Node\.js v/.test(line))
    .join('\n')
    .replaceAll(/(.)\1{19,}/g, '$1…')
    .trim()
}
