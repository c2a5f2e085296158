/** The words of the first line of help, by what one wants to do; who comes new finds the first five at the top. */
const groups = {
  'Begin here:': ['demo', 'init', 'serve', 'status', 'partner'],
  'Records:': ['import', 'record', 'search', 'ask', 'export', 'dataset', 'alias', 'schema'],
  'Sharing:': [
    ...['policy', 'release', 'why', 'catalogue', 'subscribe', 'unsubscribe', 'request', 'joint'],
    ...['consent', 'retransfer', 'register', 'aggregate', 'bundle', 'feed'],
  ],
  'Proof:': ['log', 'audit', 'witness'],
  'Keys and care:': ['root', 'roster', 'key', 'backup', 'ledger', 'releaser'],
} satisfies Record<string, readonly string[]>

const headings = new Map(
  Object.entries(groups).flatMap(([heading, words]) => words.map((word) => [word, heading])),
)

/** In the order in which help lists them. */
export const groupedWords: readonly string[] = [...headings.keys()]

/** The heading under which a word stands; a word that nobody has placed stands under the last. */
export const headingOf = (word: string): string => headings.get(word) ?? 'Keys and care:'
