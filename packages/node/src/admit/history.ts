import { toHex } from '@entente/schema'
import { openCheckpoint, parseBase64, type Tree, verifyConsistency } from '@entente/tlog'
import type { Deps, Partner } from '../deps.ts'
import type { HeadFrame } from '../feed/frames.ts'
import { AdmitError } from './codes.ts'
import { admitEvidence, asEvidenceError, isVouched, largestCheckpoint } from './evidence.ts'

type Head = Omit<HeadFrame, 't'>

/**
 * Admits checkpoints of a partner's log, each of which goes on from the one before, at a node that gets them from its receiver. One that the
 * witnesses of today do not vouch for, since it was cosigned under an older policy of theirs, is good as soon as it is proven to be a part of a
 * later one that they vouch for: nothing is kept before.
 * @returns how many of them were dealt with: those up to the last that is vouched for
 * @throws {AdmitError} stage `evidence`
 */
export function admitHistory(deps: Deps, partner: Partner, heads: readonly Head[]): number {
  const { db, hash, verify } = deps
  const { origin } = partner.log
  const refuse = (code: 'CHECKPOINT_BASE' | 'CHECKPOINT_ROLLBACK', words: string) =>
    new AdmitError('evidence', code, `${partner.nation} ${words}`)
  let at: Tree | null = largestCheckpoint(deps, origin)
  let waiting: (Tree & { readonly note: string; readonly base: Head['base'] })[] = []
  let dealtWith = 0
  const follows = (next: Tree, { base }: Head): void => {
    if (next.size < (at?.size ?? 0))
      throw refuse('CHECKPOINT_ROLLBACK', `shows size ${next.size}, after size ${at?.size}`)
    if (base.size !== (at?.size ?? 0))
      throw refuse('CHECKPOINT_BASE', `proves from size ${base.size}, not ${at?.size ?? 0}`)
    if (at === null || at.size === 0) return
    const proof = base.hashes.map((text) => parseBase64(text, 'HASH_LENGTH'))
    verifyConsistency(at, next, proof, hash)
  }
  const keep = (): void => {
    const put = db.prepare(
      'INSERT INTO partner_checkpoint(origin, size, root, note, cosigned_s, seen_ms) VALUES (?, ?, ?, ?, 0, 0)',
    )
    db.transact(() => {
      for (const { size, root, note } of waiting) put.run(origin, size, root, note)
    })
    waiting = []
  }
  return asEvidenceError(partner, () => {
    for (const [i, head] of heads.entries()) {
      const { checkpoint: next } = openCheckpoint(head.checkpoint, partner.log, verify)
      const isGood = isVouched(deps, partner, head.checkpoint)
      if (isGood) {
        // The last of them, cosigned again, goes on from where that did.
        const same = isSame(at, next) ? waiting.pop() : undefined
        if (waiting.length > 0) {
          if (same === undefined) follows(next, head)
          keep()
        }
        admitEvidence(deps, partner, head.checkpoint, same?.base ?? head.base)
        at = largestCheckpoint(deps, origin)
        dealtWith = i + 1
      } else if (!isHeld(deps, origin, next)) {
        follows(next, head)
        waiting.push({ size: next.size, root: next.root, note: head.checkpoint, base: head.base })
        at = next
      }
    }
    return dealtWith
  })
}

const isSame = (one: Tree | null, { size, root }: Tree): boolean =>
  one !== null && one.size === size && toHex(one.root) === toHex(root)

const isHeld = ({ db }: Deps, origin: string, { size, root }: Tree): boolean => {
  const row = db
    .prepare('SELECT root FROM partner_checkpoint WHERE origin = ? AND size = ?')
    .get(origin, size)
  return row !== undefined && toHex(row['root'] as Uint8Array) === toHex(root)
}
