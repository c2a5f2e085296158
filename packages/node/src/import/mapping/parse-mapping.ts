import { fieldsOf } from '@entente/schema'
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
import type { z } from 'zod'
import { sayIssue } from '../../plain-errors.ts'
import { ImportError } from '../import-error.ts'
import { strangeMember } from './check-members.ts'
import { Mapping } from './mapping.ts'

/** A mapping as read, with the data that a signature covers: comments and layout do not count. */
export interface ParsedMapping {
  readonly mapping: Mapping
  readonly document: unknown
}

/** Much more than any mapping needs; an alias bomb ends here. */
const maxChars = 1 << 17

/**
 * Reads a mapping written as YAML 1.2 or JSON (which is YAML), put into Unicode NFC as files are. Every field must be one of the kind.
 * @param file name for the messages
 * @throws {ImportError} `MAPPING_INVALID`, naming file, line and place
 * @see YAML 1.2.2
 */
export function parseMapping(text: string, file: string): ParsedMapping {
  const lines = new LineCounter()
  const refuse = (why: string, offset?: number): never => {
    const at = offset === undefined ? '' : `:${lines.linePos(offset).line}`
    throw new ImportError('MAPPING_INVALID', `${file}${at}: ${why}`)
  }
  if (text.length > maxChars) refuse(`more than ${maxChars} characters`)
  // The parser compares each key with every other: keys are looked at below.
  const yaml = parseDocument(text.normalize('NFC'), { lineCounter: lines, uniqueKeys: false })
  const [broken] = yaml.errors
  // No text has it: a workbook, for which a mapping was taken.
  if (text.includes('\0')) refuse(NO_MAPPING)
  if (broken !== undefined) refuse(broken.message.split('\n')[0] ?? 'not YAML', broken.pos[0])
  const repeated = repeatedKey(yaml)
  if (repeated !== undefined) refuse('Map keys must be unique', repeated)
  const document: unknown = attempt(() => yaml.toJS({ maxAliasCount: 50 }), refuse)
  if (!isMap(yaml.contents)) return refuse(NO_MAPPING)
  const parsed = Mapping.safeParse(document)
  if (!parsed.success) {
    const { why, path } = wrong(parsed.error.issues, (key) => yaml.has(key))
    return refuse(why, path === null ? undefined : offsetOf(yaml.contents, path))
  }
  const mapping = parsed.data
  const known = fieldsOf(mapping.kind)
  for (const [name, { value }] of Object.entries(mapping.fields)) {
    if (!Object.hasOwn(known, name))
      refuse(
        `fields.${name}: ${mapping.kind} has no such field; entente schema ${mapping.kind} names them`,
        offsetOf(yaml.contents, ['fields', name]),
      )
    const strange = strangeMember(mapping.kind, name, value)
    if (strange !== null)
      refuse(
        `fields.${name} ${strange.reason}`,
        offsetOf(yaml.contents, ['fields', name, ...strange.path]),
      )
  }
  return { mapping, document }
}

const NO_MAPPING =
  'this is no mapping: a mapping is YAML or JSON with the keys mapping, edition, kind, dataset, originator, source, key, asOf, handling and fields'

/** What is said of a mapping that cannot be read: a member that it cannot have and all keys that it lacks, at once; else the first. */
function wrong(
  issues: readonly z.core.$ZodIssue[],
  has: (key: string) => boolean,
): { readonly why: string; readonly path: readonly PropertyKey[] | null } {
  const keys = issues.filter(({ path }) => path.length === 1).map(({ path }) => String(path[0]))
  const missing = [...new Set(keys)].filter((key) => !has(key))
  const lacks = missing.length === 0 ? [] : [`${listed(missing)} missing`]
  const strange = issues.find(({ code }) => code === 'unrecognized_keys')
  const first = strange ?? (missing.length > 0 ? undefined : issues[0])
  if (first === undefined) return { why: lacks.join(), path: null }
  const member = first.code === 'unrecognized_keys' ? first.keys.slice(0, 1) : []
  return {
    why: [sayIssue(first, 'mapping'), ...lacks].join('; '),
    path: [...first.path, ...member],
  }
}

const listed = (names: readonly string[]): string =>
  names.length === 1 ? `${names[0]} is` : `${names.slice(0, -1).join(', ')} and ${names.at(-1)} are`

/** Where a key stands that its map has already; undefined where every key is the only one. */
function repeatedKey(yaml: Document): number | undefined {
  let found: number | undefined
  visit(yaml, {
    Map: (_, { items }) => {
      const keys = new Set<unknown>()
      for (const { key } of items) {
        const name = isScalar(key) ? String(key.value) : key
        if (keys.has(name)) found ??= (isNode(key) ? key.range?.[0] : undefined) ?? 0
        keys.add(name)
      }
      return found === undefined ? undefined : visit.BREAK
    },
  })
  return found
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

function attempt<T>(work: () => T, refuse: (why: string) => never): T {
  try {
    return work()
  } catch (error) {
    return refuse(error instanceof Error ? error.message : String(error))
  }
}
