/** More than this of what a server says helps nobody, and every copy of it takes memory. */
const longestText = 100_000

/** A text that may come from a server, and be of any length: a very long one is cut, and the cut is named. */
export const limitedText = (text: string): string =>
  text.length <= longestText
    ? text
    : `${text.slice(0, longestText)}… (${text.length - longestText} more characters)`
