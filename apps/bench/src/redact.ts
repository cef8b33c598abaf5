/** Takes passwords out of URLs and data source names, as programs print them. */
export function redact(text: string): string {
  return text
    .replaceAll(/(\w+:\/\/[^:@/\s]+:)[^@\s]*@/g, '$1***@')
    .replaceAll(/([\w.-]+:)[^@\s:/]*@tcp\(/g, '$1***@tcp(')
    .replaceAll(/(password=)\S+/g, '$1***')
}
