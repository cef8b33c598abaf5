import { styleText } from 'node:util'
import { shown, type Shown } from '@mig/app-kit/terminal'

/** How text may look where it is going to be read. */
export interface Style {
  readonly red: (text: Shown) => Shown
  readonly green: (text: Shown) => Shown
  readonly yellow: (text: Shown) => Shown
  readonly dim: (text: Shown) => Shown
  readonly bold: (text: Shown) => Shown
  readonly symbols: Symbols
}

/** Characters that have a stand-in where the terminal knows ASCII only. */
interface Symbols {
  readonly arrow: Shown
  readonly dot: Shown
  readonly ellipsis: Shown
  readonly done: Shown
  readonly pending: Shown
  readonly bad: Shown
  readonly spinner: readonly Shown[]
}

const unicode: Symbols = {
  arrow: shown`→`,
  dot: shown`·`,
  ellipsis: shown`…`,
  done: shown`✓`,
  pending: shown`○`,
  bad: shown`✗`,
  spinner: Array.from('⠋⠙⠹⠸⠼⠴⠦⠧⠇⠏') as Shown[],
}

const ascii: Symbols = {
  arrow: shown`->`,
  dot: shown`-`,
  ellipsis: shown`...`,
  done: shown`+`,
  pending: shown`o`,
  bad: shown`x`,
  spinner: Array.from('|/-\\') as Shown[],
}

type Format = Parameters<typeof styleText>[0]

/** The style for a place with or without colours and Unicode. */
export const createStyle = (options: {
  readonly color: boolean
  readonly unicode: boolean
}): Style => {
  const paint =
    (format: Format) =>
    (text: Shown): Shown =>
      options.color ? (styleText(format, text, { validateStream: false }) as Shown) : text
  return {
    red: paint('red'),
    green: paint('green'),
    yellow: paint('yellow'),
    dim: paint('dim'),
    bold: paint('bold'),
    symbols: options.unicode ? unicode : ascii,
  }
}

type Environment = Readonly<Record<string, string | undefined>>

/** Whether colours are wanted: NO_COLOR goes before FORCE_COLOR, and both before what the stream is. */
export const wantsColor = (env: Environment, isTTY: boolean, noColorFlag: boolean): boolean => {
  const isSet = (name: string): boolean => (env[name] ?? '') !== ''
  if (noColorFlag || isSet('NO_COLOR')) return false
  if (isSet('MIG_NO_COLOR') && !/^(0|false|no|off)$/i.test(env['MIG_NO_COLOR'] ?? '')) return false
  if (isSet('FORCE_COLOR')) return !/^(0|false)$/i.test(env['FORCE_COLOR'] ?? '')
  return isTTY && env['TERM'] !== 'dumb'
}

/** Whether the terminal shows UTF-8, by the locale variables in the order in which the system reads them. */
export const showsUnicode = (env: Environment): boolean => {
  if (process.platform === 'win32') return 'WT_SESSION' in env || env['TERM_PROGRAM'] === 'vscode'
  const locale = [env['LC_ALL'], env['LC_CTYPE'], env['LANG']].find((value) => value)
  return /utf-?8/i.test(locale ?? '')
}
