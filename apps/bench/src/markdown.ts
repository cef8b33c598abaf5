/** How the cells of a column stand. */
type Alignment = 'left' | 'right'

/** A column of a table. */
export interface Column {
  readonly heading: string
  readonly alignment: Alignment
}

/** A Markdown table with padded cells, readable as plain text too. */
export function markdownTable(
  columns: readonly Column[],
  rows: readonly (readonly string[])[],
): string {
  const cells = rows.map((row) => row.map((cell) => cell.replaceAll('|', '\\|')))
  const widths = columns.map(({ heading }, index) =>
    Math.max(3, heading.length, ...cells.map((row) => (row[index] ?? '').length)),
  )
  const line = (texts: readonly string[]): string =>
    `| ${columns
      .map(({ alignment }, index) => {
        const text = texts[index] ?? ''
        const width = widths[index] ?? 0
        return alignment === 'right' ? text.padStart(width) : text.padEnd(width)
      })
      .join(' | ')} |`
  const rule = columns.map(({ alignment }, index) => {
    const width = widths[index] ?? 3
    return alignment === 'right' ? `${'-'.repeat(width - 1)}:` : '-'.repeat(width)
  })
  return [line(columns.map(({ heading }) => heading)), line(rule), ...cells.map(line)].join('\n')
}
