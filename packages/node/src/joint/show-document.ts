import { Joint, type JointTerms, type Nation, peekJws, type Roster } from '@entente/schema'
import type { DocumentContent } from './automerge/messages.ts'
import { readChange } from './chunk/read-change.ts'
import { type JointValue, MOST_PATHS, MOST_TEXT, readValue, TEXT } from './document/fields.ts'
import { type Standing, standingOf } from './document/standing.ts'
import { type DocumentState, headsOf, struckIn } from './document/state.ts'
import type { JointStore } from './joint-store.ts'

/** One value of a document. */
export interface ShownValue {
  readonly path: string
  readonly value: JointValue
  readonly writer: Nation
  readonly atMs: number
  /** What others have written at the same time and does not hold. */
  readonly others: readonly { readonly value: JointValue; readonly writer: Nation }[]
}

/** A joint document as people read it. */
export interface ShownDocument {
  readonly id: string
  readonly creator: Nation
  readonly terms: JointTerms
  readonly heads: readonly string[]
  readonly title: string | null
  readonly text: string
  /** Members whose changes have written in the text. */
  readonly textBy: readonly Nation[]
  readonly values: readonly ShownValue[]
  /** Values that members have written and that no document of this kind has, or not so: they are not shown. */
  readonly unread: number
  readonly standing: Standing
  readonly changes: number
  readonly struck: number
  /** Members of whom two statements for one place are known. */
  readonly twice: readonly { readonly nation: Nation; readonly seq: number }[]
  /** Members whose next change is refused here, and why. */
  readonly stopped: readonly {
    readonly nation: Nation
    readonly seq: number
    readonly code: string
    readonly message: string
  }[]
}

/** Who wrote what stands at each path: by the operations of the changes, which are signed. */
interface Written {
  readonly writer: Nation
  readonly atMs: number
}

/**
 * Reads a document for people. What Automerge gives is foreign: values are read by the form of their kind, and what has none is counted and
 * kept from screens.
 */
export function showDocument(
  store: JointStore,
  state: DocumentState,
  content: DocumentContent,
  roster: Roster,
): Omit<ShownDocument, 'stopped'> {
  const { id, creator, terms } = state
  const struck = struckIn(state)
  const paths = new Map<string, Map<string, Written>>()
  const textBy = new Set<Nation>()
  for (const said of store.statements(id)) {
    if (said.kind !== 'joint' || said.body === null) continue
    const { hash, actor, startOp, ops } = readChange(said.body)
    if (struck.has(hash)) continue
    const { at } = Joint.parse(peekJws(said.jws).payload)
    for (const [i, { key, object, action, replaces }] of ops.entries()) {
      if (object !== null) textBy.add(said.writer)
      if (key === null || action === 'make-text') continue
      const standing = paths.get(key) ?? new Map<string, Written>()
      for (const op of replaces) standing.delete(op)
      if (action === 'set')
        standing.set(`${startOp + i}@${actor}`, { writer: said.writer, atMs: at })
      paths.set(key, standing)
    }
  }
  const values: ShownValue[] = []
  let unread = 0
  for (const [path, given] of Object.entries(content.values)) {
    const written = paths.get(path) ?? new Map<string, Written>()
    const read = given.flatMap(([op, value]) => {
      const found = readValue(terms.kind, path, value)
      const by = op === '' ? [...written.values()].at(-1) : written.get(op)
      if (found.ok && by !== undefined) return [{ value: found.value, ...by }]
      unread++
      return []
    })
    const [holds, ...others] = read
    if (holds === undefined) continue
    if (values.length >= MOST_PATHS) unread++
    else values.push({ path, ...holds, others })
  }
  values.sort((a, b) => (a.path < b.path ? -1 : 1))
  const text = readValue(terms.kind, TEXT, content.text.slice(0, MOST_TEXT))
  if (!text.ok) unread++
  const title = values.find(({ path }) => path === 'title')?.value
  return {
    id,
    creator,
    terms,
    heads: headsOf(state),
    title: title === undefined ? null : String(title),
    text: text.ok ? String(text.value) : '',
    textBy: [...textBy].sort(),
    values,
    unread,
    standing: standingOf(state, roster),
    changes: state.changes.size,
    struck: struck.size,
    twice: [...state.twice].map(([nation, { seq }]) => ({ nation, seq })),
  }
}
