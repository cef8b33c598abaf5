const PHRASES = [
  'MATERIALIZED VIEW,FOREIGN DATA WRAPPER,FOREIGN TABLE,EVENT TRIGGER,ACCESS METHOD,USER MAPPING',
  'TEXT SEARCH CONFIGURATION,TEXT SEARCH DICTIONARY,TEXT SEARCH PARSER,TEXT SEARCH TEMPLATE',
  'OPERATOR CLASS,OPERATOR FAMILY,DEFAULT PRIVILEGES,LARGE OBJECT,PROPERTY GRAPH,VIRTUAL TABLE',
  'LOGFILE GROUP,RESOURCE GROUP,SPATIAL REFERENCE SYSTEM,PACKAGE BODY,TABLE,INDEX,VIEW,SEQUENCE',
  'SCHEMA,DATABASE,TABLESPACE,FUNCTION,PROCEDURE,ROUTINE,TRIGGER,EVENT,TYPE,DOMAIN,EXTENSION,ROLE',
  'USER,GROUP,POLICY,RULE,AGGREGATE,CAST,COLLATION,CONVERSION,LANGUAGE,OPERATOR,PUBLICATION',
  'SUBSCRIPTION,SERVER,STATISTICS,TRANSFORM,OWNED,SYSTEM,PACKAGE,INSTANCE,LIBRARY',
].flatMap((line) => line.split(','))

/** The phrases by their first word; longer ones come first. */
const PHRASES_BY_WORD = new Map<string, string[][]>()
for (const phrase of PHRASES.toSorted((a, b) => b.length - a.length)) {
  const words = phrase.split(' ')
  const same = PHRASES_BY_WORD.get(words[0] ?? '') ?? []
  PHRASES_BY_WORD.set(words[0] ?? '', [...same, words])
}

/**
 * Names a CREATE, ALTER or DROP by its verb and the kind of object, without what may stand between them:
 * `CREATE OR REPLACE TEMP VIEW v` is a `CREATE VIEW`.
 */
export function ddlCommand(tokens: readonly string[]): string {
  const verb = tokens[0] ?? ''
  for (let at = 1; at < tokens.length; at++) {
    const phrases = PHRASES_BY_WORD.get(tokens[at] ?? '')
    const phrase = phrases?.find((words) => words.every((word, i) => tokens[at + i] === word))
    if (phrase !== undefined) return `${verb} ${phrase.join(' ')}`
  }
  return verb
}
