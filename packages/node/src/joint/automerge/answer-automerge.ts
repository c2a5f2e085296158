import * as A from '@automerge/automerge'
import type { AutomergeAnswer, AutomergeRequest, DocumentContent } from './messages.ts'

type Document = A.Doc<Record<string, unknown>>

/** Documents in the memory of this process, and the one way to ask about them. Nothing of it throws. */
export function createAutomergeAnswerer(): (request: AutomergeRequest) => AutomergeAnswer {
  const documents = new Map<string, Document>()

  const free = (document: string): void => {
    const doc = documents.get(document)
    documents.delete(document)
    if (doc !== undefined) A.free(doc)
  }

  const held = (document: string): Document => {
    const doc = documents.get(document)
    if (doc === undefined) throw new Error('no such document is loaded')
    return doc
  }

  function edit({
    document,
    actor,
    set,
    unset,
    text,
  }: Extract<AutomergeRequest, { do: 'edit' }>): Uint8Array {
    // A copy writes: the change counts only when it comes back through the check that every change passes.
    const copy: Document =
      document === null ? A.init({ actor }) : A.clone(held(document), { actor })
    const next = A.change(copy, { time: 0 }, (draft: Record<string, unknown>) => {
      if (document === null) draft['text'] = ''
      if (text !== null) A.updateText(draft, ['text'], text)
      for (const [path, value] of Object.entries(set))
        draft[path] = typeof value === 'number' ? value : new A.ImmutableString(value)
      for (const path of unset) delete draft[path]
    })
    const change = A.getLastLocalChange(next)
    A.free(next)
    if (change === undefined) throw new Error('nothing is changed')
    return change
  }

  function answer(request: AutomergeRequest): AutomergeAnswer {
    switch (request.do) {
      case 'load':
        free(request.document)
        documents.set(request.document, apply(A.init(), request.changes))
        return { ok: true }
      case 'apply':
        // The document before shares its memory with the one after.
        documents.set(request.document, apply(held(request.document), [request.change]))
        return { ok: true }
      case 'read':
        return { ok: true, content: contentOf(held(request.document)) }
      case 'edit':
        return { ok: true, change: edit(request) }
      case 'free':
        free(request.document)
        return { ok: true }
    }
  }

  return (request) => {
    try {
      return answer(request)
    } catch (error) {
      // After an error nobody knows what a document in WASM memory is.
      if (request.do !== 'edit' && request.do !== 'free') documents.delete(request.document)
      return { ok: false, message: error instanceof Error ? error.message : String(error) }
    }
  }
}

/** Each change by itself: `applyChanges` takes one chunk for one change, where loading would take several from one. */
function apply(doc: Document, changes: readonly Uint8Array[]): Document {
  const [next] = A.applyChanges(doc, [...changes])
  if (A.getMissingDeps(next, []).length > 0) throw new Error('what it builds on is missing')
  return next
}

function contentOf(doc: Document): DocumentContent {
  const values: Record<string, [string, unknown][]> = {}
  let text = ''
  for (const key of Object.keys(doc)) {
    const value = doc[key]
    if (key === 'text') {
      text = String(value)
      continue
    }
    const all = A.getConflicts(doc, key) ?? { '': value }
    const shown = Object.entries(all).map(([op, one]): [string, unknown] => [op, plain(one)])
    const holds = plain(value)
    values[key] = shown.sort(([, a], [, b]) => Number(b === holds) - Number(a === holds))
  }
  return { heads: A.getHeads(doc).sort(), text, values }
}

const plain = (value: unknown): unknown => (A.isImmutableString(value) ? value.toString() : value)
