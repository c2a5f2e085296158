import { isSamePerson } from '@entente/policy'
import {
  type ApprovalOpening,
  canonicalJson,
  type DecisionSeal,
  digestApproval,
  type FieldApproval,
  type Nation,
  type OfficerCertificate,
  ownOf,
  sealerOf,
} from '@entente/schema'
import type { Deps } from '../deps.ts'
import { NodeError } from '../errors.ts'
import type { FieldAuthors } from '../ledger/shards/authors-in.ts'
import type { Leaf } from '../log/leaf.ts'
import type { ReleaseLog } from '../log/release-log.ts'
import type { PolicyInForce } from '../release/policy-store.ts'
import { queueId } from './approval-queue.ts'
import type { ApprovalStore } from './approval-store.ts'
import type { AwaitedItem } from './awaited-items.ts'
import { storeWords, wordLeaf } from './kept-words.ts'

/** An officer's word as it comes to the node: made and signed where the officer's key is. */
export interface SignedWord {
  readonly decision: 'approve' | 'deny'
  readonly opening: ApprovalOpening
  /** JWS of a `DecisionSeal` over the digest of the opening. */
  readonly seal: string
}

/** What became of it. `known`: the log has this very word already. */
export interface TakenWord {
  readonly id: string
  readonly decision: 'approve' | 'deny'
  readonly record: string
  readonly field: string
  readonly recipient: Nation
  readonly outcome: 'taken' | 'known' | 'refused'
  /** The officer; null: none of this nation. */
  readonly by: string | null
  /** Leaf of the log. */
  readonly index: number | null
  readonly code?: string
  readonly reason?: string
}

export interface Taking {
  readonly policy: PolicyInForce
  readonly store: ApprovalStore
  readonly itemsOf: (recipient: Nation, record: string) => readonly AwaitedItem[]
  readonly authors: ReadonlyMap<string, FieldAuthors>
}

/**
 * Takes officers' words in: each that is sealed by a certified officer who wrote none of the value, and that is about something that
 * waits or goes now, becomes a leaf of the log. All of them in one transaction.
 */
export function takeWords(
  deps: Deps,
  log: ReleaseLog,
  taking: Taking,
  words: readonly SignedWord[],
): readonly TakenWord[] {
  const { db } = deps
  const atMs = log.nextAtMs()
  const checked = words.map((word) => check(deps, taking, word, atMs))
  const indices = db.transact(() => {
    const fresh = checked.flatMap(({ leaf }) => leaf ?? [])
    if (fresh.length === 0) return []
    const places = log.appendGroup(fresh, atMs)
    const dirty = db.prepare('INSERT OR IGNORE INTO dirty(record) VALUES (?)')
    let next = 0
    for (const { leaf, word, item } of checked) {
      if (leaf === null || item === null) continue
      const about = digestApproval(word.opening, deps.hash)
      const index = places[next++] as number
      storeWords(db, [{ ...word, about, value: item.disclosure[2], index }])
      dirty.run(word.opening[1].record)
    }
    return places
  })
  if (indices.length > 0) {
    log.noteHead()
    taking.store.reload()
  }
  let next = 0
  return checked.map(({ leaf, taken }) =>
    leaf === null ? taken : { ...taken, index: indices[next++] as number },
  )
}

interface Checked {
  readonly word: SignedWord
  readonly item: AwaitedItem | null
  /** Null: nothing to be logged. */
  readonly leaf: Leaf | null
  readonly taken: TakenWord
}

function check(deps: Deps, taking: Taking, word: SignedWord, atMs: number): Checked {
  const { nation, roster, verify, hash, db } = deps
  const { decision, opening, seal } = word
  const [, content] = opening
  const about = digestApproval(opening, hash)
  const sentence: DecisionSeal = { nation, about, decision }
  const officer = sealerOf(seal, sentence, roster.members.get(nation)?.officers ?? [], verify)
  const { record, field, recipient } = content
  const taken = {
    id: queueId(content),
    decision,
    record,
    field,
    recipient,
    by: officer?.name ?? null,
    index: null,
  }
  const known = db.prepare('SELECT idx FROM approval WHERE about = ?').get(about)
  if (known !== undefined) {
    const index = known['idx'] as number
    return { word, item: null, leaf: null, taken: { ...taken, outcome: 'known', index } }
  }
  try {
    const item = mustTake(taking, content, decision, officer, nation, atMs)
    const leaf = wordLeaf(deps, decision, about, seal, atMs)
    return { word, item, leaf, taken: { ...taken, outcome: 'taken' } }
  } catch (error) {
    if (!(error instanceof NodeError)) throw error
    const { code, message: reason } = error
    return { word, item: null, leaf: null, taken: { ...taken, outcome: 'refused', code, reason } }
  }
}

/** @throws {NodeError} `APPROVAL_SIGNER`, `APPROVAL_STALE`, `APPROVAL_AUTHOR`, `APPROVAL_EXPIRED` */
function mustTake(
  { policy, itemsOf, authors }: Taking,
  content: FieldApproval,
  decision: 'approve' | 'deny',
  officer: OfficerCertificate | null,
  nation: Nation,
  atMs: number,
): AwaitedItem {
  const { record, field, recipient, until } = content
  const what = `${field} of ${record} for ${recipient}`
  if (officer === null)
    throw new NodeError(
      'APPROVAL_SIGNER',
      `${what}: the seal is of no release officer whom the root of ${nation} has certified; only an officer’s key approves and refuses`,
    )
  const id = queueId(content)
  const item = itemsOf(recipient, record).find(({ subject }) => queueId(subject) === id)
  const now = item && [item.because, item.authors ?? ownOf(authors.get(record) ?? {}, field) ?? []]
  if (
    item === undefined ||
    canonicalJson(now) !== canonicalJson([content.because, content.authors])
  )
    throw new NodeError(
      'APPROVAL_STALE',
      `${what}: what was signed does not wait any more, because value, reasons, author or policy are others now: look at \`entente release queue\` and sign again`,
    )
  if (decision === 'deny') return item
  const author = content.authors.find((name) => isSamePerson(name, officer.name))
  if (author !== undefined)
    throw new NodeError(
      'APPROVAL_AUTHOR',
      `${what}: ${author} wrote this value, and nobody approves what they wrote: another officer must sign`,
    )
  if (until === null || until <= atMs || until > policy.compiled.untilMs)
    throw new NodeError(
      'APPROVAL_EXPIRED',
      `${what}: the approval must end after now and no later than the policy, ${new Date(policy.compiled.untilMs).toISOString()}: sign again with --until`,
    )
  return item
}
