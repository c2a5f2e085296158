import {
  type Document,
  isMap,
  isNode,
  isPair,
  isScalar,
  LineCounter,
  type Node,
  parseDocument,
  visit,
} from 'yaml'

/** A file that people write in YAML, read once, with the way back from a value to its line. */
export interface YamlFile {
  /** Plain data: maps, lists, texts, numbers, true, false, null. */
  readonly document: unknown
  readonly isMap: boolean
  /** Whether the outermost map has a key. */
  readonly has: (key: string) => boolean
  /** Line, from 1, of the deepest part of a path that the text has. */
  readonly lineOf: (path: readonly PropertyKey[]) => number | undefined
}

export interface YamlLimits {
  /** Much more than such a file needs; an alias bomb ends here. */
  readonly maxChars: number
  /** Nothing but values: anchors, aliases, tags and directives are refused, so that what is read is what stands there. */
  readonly plain?: true
}

/** Says what is wrong with a file, and at which line; must throw. */
export type RefuseYaml = (why: string, line?: number) => never

/**
 * Reads YAML 1.2 or JSON (which is YAML), put into Unicode NFC as files are. Dates stay text, and so does `NO`; a key that its map has
 * already is refused. Every file of people's own that is YAML is read here.
 * @see YAML 1.2.2
 */
export function readYaml(
  text: string,
  { maxChars, plain }: YamlLimits,
  refuse: RefuseYaml,
): YamlFile {
  if (text.length > maxChars) refuse(`more than ${maxChars} characters`)
  const lines = new LineCounter()
  const at = (offset: number | undefined) =>
    offset === undefined ? undefined : lines.linePos(offset).line
  // The parser compares each key with every other: keys are looked at below.
  const yaml = parseDocument(text.normalize('NFC'), {
    lineCounter: lines,
    uniqueKeys: false,
    logLevel: 'error',
  })
  const [broken] = yaml.errors
  if (broken !== undefined) refuse(broken.message.split('\n')[0] ?? 'not YAML', at(broken.pos[0]))
  const repeated = repeatedKey(yaml)
  if (repeated !== undefined)
    refuse(
      `Map keys must be unique: ${repeated.key} stands twice; take one of them out`,
      at(repeated.offset),
    )
  if (plain) refuseClever(yaml, (why, offset) => refuse(why, at(offset)))
  const document: unknown = attempt(() => yaml.toJS({ maxAliasCount: 50 }), refuse)
  return {
    document,
    isMap: isMap(yaml.contents),
    has: (key) => yaml.has(key),
    lineOf: (path) => at(offsetOf(yaml.contents, path)),
  }
}

/** Where a key stands that its map has already; undefined where every key is the only one. */
function repeatedKey(
  yaml: Document,
): { readonly key: string; readonly offset: number } | undefined {
  let found: { readonly key: string; readonly offset: number } | undefined
  visit(yaml, {
    Map: (_, { items }) => {
      const keys = new Set<unknown>()
      for (const { key } of items) {
        const name = isScalar(key) ? String(key.value) : key
        if (keys.has(name))
          found ??= {
            key: String(name),
            offset: (isNode(key) ? key.range?.[0] : undefined) ?? 0,
          }
        keys.add(name)
      }
      return found === undefined ? undefined : visit.BREAK
    },
  })
  return found
}

/** What YAML can do beside saying values: one part stands in for another, or is read as something else than it looks like. */
function refuseClever(yaml: Document, refuse: (why: string, offset?: number) => never): void {
  const { yaml: directives, tags } = yaml.directives ?? {}
  if (directives?.explicit && directives.version !== '1.2')
    refuse(`%YAML ${directives.version} reads NO as false and dates as moments; take the line out`)
  if (Object.keys(tags ?? {}).some((handle) => handle !== '!!'))
    refuse('%TAG changes how values are read; take the line out')
  visit(yaml, {
    Pair: (_, { key }) => {
      if (!isScalar(key))
        refuse('a key is a word, not a list or map', isNode(key) ? key.range?.[0] : undefined)
      if (key.value === '__proto__')
        refuse('nothing can be called __proto__; take it out', key.range?.[0])
    },
    Alias: (_, { source, range }) =>
      refuse(`*${source} stands in for something written elsewhere; write it out here`, range?.[0]),
    Node: (_, node) => {
      const { anchor, tag, range } = node as { anchor?: string; tag?: string } & Node
      if (anchor !== undefined)
        refuse(`&${anchor} marks a part for use elsewhere; write each part out`, range?.[0])
      if (tag !== undefined && !tag.startsWith('tag:yaml.org,2002:'))
        refuse(`the tag ${tag} is not known; take it out`, range?.[0])
      if (tag !== undefined)
        refuse(`${tag}: tags change how values are read; take it out`, range?.[0])
    },
  })
}

/** Where the deepest part of a path that the text has begins. */
function offsetOf(root: Node | null, path: readonly PropertyKey[]): number | undefined {
  let node: unknown = root
  let offset = root?.range?.[0]
  for (const step of path) {
    if (isMap(node)) {
      const pair = node.items.find((item) => isPair(item) && String(item.key) === String(step))
      if (pair === undefined) break
      offset = (pair.key as Node | null)?.range?.[0] ?? offset
      node = pair.value
    } else if (node !== null && typeof node === 'object' && 'items' in node) {
      node = (node.items as unknown[])[Number(step)]
      offset = (node as Node | undefined)?.range?.[0] ?? offset
    } else break
  }
  return offset
}

function attempt<T>(work: () => T, refuse: RefuseYaml): T {
  try {
    return work()
  } catch (error) {
    return refuse(error instanceof Error ? error.message : String(error))
  }
}
