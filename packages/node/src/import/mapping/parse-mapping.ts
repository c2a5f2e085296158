import { fieldsOf } from '@entente/schema'
import type { z } from 'zod'
import { sayIssue } from '../../plain-errors.ts'
import { readYaml } from '../../yaml/read-yaml.ts'
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
  const refuse = (why: string, line?: number): never => {
    const at = line === undefined ? '' : `:${line}`
    throw new ImportError('MAPPING_INVALID', `${file}${at}: ${why}`)
  }
  // No text has it: a workbook, for which a mapping was taken.
  if (text.length <= maxChars && text.includes('\0')) refuse(NO_MAPPING)
  const { document, isMap, has, lineOf } = readYaml(text, { maxChars }, refuse)
  if (!isMap) return refuse(NO_MAPPING)
  const parsed = Mapping.safeParse(document)
  if (!parsed.success) {
    const { why, path } = wrong(parsed.error.issues, has)
    return refuse(why, path === null ? undefined : lineOf(path))
  }
  const mapping = parsed.data
  const known = fieldsOf(mapping.kind)
  for (const [name, { value }] of Object.entries(mapping.fields)) {
    if (!Object.hasOwn(known, name))
      refuse(
        `fields.${name}: ${mapping.kind} has no such field; entente schema ${mapping.kind} names them`,
        lineOf(['fields', name]),
      )
    const strange = strangeMember(mapping.kind, name, value)
    if (strange !== null)
      refuse(`fields.${name} ${strange.reason}`, lineOf(['fields', name, ...strange.path]))
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
