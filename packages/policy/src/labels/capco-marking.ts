import { isNation } from '@entente/schema'
import {
  atomicControls,
  type Control,
  compartments,
  controlSystems,
  controls,
  markOf,
  type NonIcControl,
  natoLevels,
  nonIcControls,
  type UsLevel,
  usLevels,
} from './capco-words.ts'

/** Systems or programmes, each with its compartments, each with its sub-compartments; all sorted. */
export type Compartments = Readonly<Record<string, Readonly<Record<string, readonly string[]>>>>

/** A list of nations and groups; `banner`: the portion leaves it to the banner. */
export type MarkedList = readonly string[] | 'banner'

/** A US marking of a portion or a banner, as far as the Manual's dissemination chapters need it. */
export interface UsMarking {
  /** Whose it is: `us`, or others' (`//DEU SECRET`; nobody named: `//FGI SECRET`), or several nations'. */
  readonly origin:
    | 'us'
    | 'nato'
    | { readonly of: readonly string[] }
    | { readonly joint: MarkedList }
  readonly level: UsLevel
  readonly systems: Compartments
  readonly programmes: Compartments
  readonly atomic: Compartments
  /** Foreign government information within; empty: it is not said whose. */
  readonly fgi: readonly string[] | null
  /** In the order of the banner. */
  readonly controls: readonly Control[]
  readonly rel: MarkedList | null
  readonly eyes: MarkedList | null
  readonly display: readonly string[] | null
  readonly nonIc: readonly NonIcControl[]
}

export type MarkingOutcome =
  | { readonly ok: true; readonly marking: UsMarking }
  | { readonly ok: false; readonly reason: string }

/**
 * Reads a portion mark without its brackets, or a banner: `S//SI-G//OC/NF`, `//JOINT SECRET CAN GBR USA//REL TO USA, CAN, GBR`.
 * Strict: an unknown word, nation, order or repeat is refused, never passed over.
 * @param unpublished marks of control systems that the public Manual does not name
 */
export function parseUsMarking(text: string, unpublished: readonly string[] = []): MarkingOutcome {
  const foreign = text.startsWith('//')
  const [head = '', ...blocks] = (foreign ? text.slice(2) : text).split('//')
  const start = foreign ? parseForeignHead(head) : parseUsHead(head)
  if (start === null) return refuse(`${head} is no classification`)
  let marking: UsMarking = { ...empty, ...start }
  let last = -1
  for (const block of blocks) {
    const at = readers.findIndex((reader, i) => i > last && reader(block, unpublished) !== null)
    const read = readers[at]?.(block, unpublished)
    if (read === undefined || read === null) return refuse(`${block} is unknown, or out of order`)
    marking = { ...marking, ...read }
    last = at
  }
  const { rel, controls: given } = marking
  if (rel !== null && given.includes('NF')) return refuse('NOFORN and REL TO exclude each other')
  return { ok: true, marking }
}

const refuse = (reason: string): MarkingOutcome => ({ ok: false, reason })

const empty = {
  systems: {},
  programmes: {},
  atomic: {},
  fgi: null,
  controls: [],
  rel: null,
  eyes: null,
  display: null,
  nonIc: [],
} satisfies Partial<UsMarking>

function parseUsHead(text: string): Pick<UsMarking, 'origin' | 'level'> | null {
  const level = markOf(usLevels, text)
  return level === null || level === 'R' ? null : { origin: 'us', level }
}

function parseForeignHead(text: string): Pick<UsMarking, 'origin' | 'level'> | null {
  const nato = markOf(natoLevels, text)
  if (nato !== null) return { origin: 'nato', level: natoLevels[nato].level }
  const [, before, word = '', after] =
    /^([A-Z ]+?) (TOP SECRET|SECRET|CONFIDENTIAL|RESTRICTED|UNCLASSIFIED|TS|S|C|R|U)(?: ([A-Z ]+))?$/.exec(
      text,
    ) ?? []
  const level = markOf(usLevels, word)
  if (before === undefined || level === null) return null
  if (before === 'JOINT') {
    const nations = after === undefined ? 'banner' : listOf(after, ' ')
    return nations === null ? null : { origin: { joint: nations }, level }
  }
  if (after !== undefined) return null
  const nations = before === 'FGI' ? [] : listOf(before, ' ')
  return nations === null ? null : { origin: { of: nations }, level }
}

/** One reader per category, in the order of a banner; null: the block is of another category. */
const readers: readonly ((
  block: string,
  unpublished: readonly string[],
) => Partial<UsMarking> | null)[] = [
  (block, unpublished) => {
    const systems = readCompartments(block, (name) =>
      unpublished.includes(name) ? name : markOf(controlSystems, name),
    )
    return systems && { systems }
  },
  (block) => {
    const [, rest] = /^(?:SAR|SPECIAL ACCESS REQUIRED)-(.+)$/.exec(block) ?? []
    const programmes =
      rest === undefined
        ? null
        : readCompartments(rest, (name) => (/^[A-Z][A-Z ]*$/.test(name) ? name : null))
    return programmes && { programmes }
  },
  (block) => {
    const atomic = readCompartments(block, (name) => markOf(atomicControls, name))
    return atomic && { atomic }
  },
  (block) => {
    if (block === 'FGI') return { fgi: [] }
    const fgi = block.startsWith('FGI ') ? listOf(block.slice('FGI '.length), ' ') : null
    return fgi && { fgi }
  },
  readDissemination,
  (block) => {
    const nonIc = wordsOf(nonIcControls, block.split('/'))
    return nonIc && { nonIc }
  },
]

function readDissemination(block: string): Partial<UsMarking> | null {
  const [eyesOnly, nations] =
    /(?<=^|\/)(USA(?:\/[A-Z][A-Z0-9_]{2,15})+) EYES ONLY/.exec(block) ?? []
  let eyes: MarkedList | null = nations === undefined ? null : listOf(nations, '/')
  if (nations !== undefined && eyes === null) return null
  let rel: MarkedList | null = null
  let display: readonly string[] | null = null
  const words: string[] = []
  const rest = eyesOnly === undefined ? block : block.replace(eyesOnly, 'EYES ONLY')
  for (const entry of rest.split('/')) {
    if (entry === 'EYES ONLY' && eyes !== null) continue
    if (entry === 'EYES' && eyes === null) eyes = 'banner'
    else if (entry === 'REL' && rel === null) rel = 'banner'
    else if (entry.startsWith('REL TO ') && rel === null) {
      rel = listOf(entry.slice('REL TO '.length), ', ')
      // The Manual: USA first, and never alone.
      if (rel === null || rel[0] !== 'USA' || rel.length < 2) return null
    } else if (entry.startsWith('DISPLAY ONLY ') && display === null) {
      display = listOf(entry.slice('DISPLAY ONLY '.length), ', ')
      if (display === null) return null
    } else words.push(entry)
  }
  const read = words.length === 0 ? [] : wordsOf(controls, words)
  return read && { controls: read, rel, eyes, display }
}

/** Words of a table, without repeats, in its order. */
function wordsOf<Mark extends string>(
  table: Readonly<Record<Mark, { banner: string }>>,
  words: readonly string[],
): readonly Mark[] | null {
  const found = words.map((word) => markOf(table, word))
  if (found.includes(null) || new Set(found).size < found.length) return null
  return (Object.keys(table) as Mark[]).filter((mark) => found.includes(mark))
}

/** `SI-G ABCD-XYZ/TK`: entries by `/`, compartments by `-`, sub-compartments by spaces. */
function readCompartments(
  block: string,
  nameOf: (text: string) => string | null,
): Compartments | null {
  const found: Record<string, Record<string, string[]>> = {}
  for (const entry of block.split('/')) {
    const [head = '', ...inner] = entry.split('-')
    const name = nameOf(head)
    if (name === null || Object.hasOwn(found, name)) return null
    const own: Record<string, string[]> = {}
    for (const part of inner) {
      const [first = '', ...subs] = part.split(' ')
      if (![first, ...subs].every((word) => /^[A-Z0-9]{1,7}$/.test(word))) return null
      const compartment = compartments.get(first) ?? first
      if (Object.hasOwn(own, compartment)) return null
      own[compartment] = [...new Set(subs)].sort()
    }
    found[name] = own
  }
  return found
}

/** Nations (ISO 3166-1 alpha-3) and groups of four characters or more; null: one of them is neither. */
function listOf(text: string, separator: string): readonly string[] | null {
  const codes = text.split(separator)
  const known = codes.every((code) => isNation(code) || /^[A-Z][A-Z0-9_]{3,15}$/.test(code))
  if (!known || new Set(codes).size < codes.length) return null
  // Lists of producers stand in alphabetical order, whoever is in them.
  return separator === ' ' ? [...codes].sort() : sortList(codes)
}

/** As release lists are written: USA first, nations, then groups. */
export const sortList = (codes: readonly string[]): readonly string[] =>
  [...codes].sort((a, b) => placeOf(a) - placeOf(b) || (a < b ? -1 : 1))
const placeOf = (code: string) => (code === 'USA' ? 0 : code.length === 3 ? 1 : 2)
