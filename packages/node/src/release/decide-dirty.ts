import type { Nation } from '@entente/schema'
import type { ApprovalQueue } from '../approvals/approval-queue.ts'
import { type ApprovalStore, noteStanding } from '../approvals/approval-store.ts'
import type { Deps } from '../deps.ts'
import type { ReleaseLog } from '../log/release-log.ts'
import { adoptBands, type BandStandings } from './band-standings.ts'
import { noteOffers } from './catalogue/offers.ts'
import type { PlannedChange, Planner } from './plan.ts'
import type { PolicyInForce, PolicyStore } from './policy-store.ts'
import { BATCH, seal } from './seal.ts'
import type { Waiting } from './waiting.ts'

/**
 * Decides again what is dirty, up to one batch of records, for everybody who asks for it or holds it. What may no longer
 * be held is sealed as drops at once, under the edition in force even while that waits for its quorum; what may newly go
 * is put to wait.
 * @returns false when nothing was dirty
 */
export function createDecideDirty(
  deps: Deps,
  log: ReleaseLog,
  policies: PolicyStore,
  planner: Planner,
  waiting: Waiting,
  approvals: { readonly store: ApprovalStore; readonly queue: ApprovalQueue },
  bands: BandStandings,
  onSealed: () => void,
): () => boolean {
  const { db, partners } = deps
  /** Who asked and has left the roster since asks no more. */
  const subscribers = (dataset: string): Nation[] => {
    // Another node of the nation has been handed it, and decides.
    if (!deps.releases(dataset)) return []
    return db
      .prepare('SELECT nation FROM subscription WHERE dataset = ?')
      .all(dataset)
      .map((row) => row['nation'] as Nation)
      .filter((nation) => partners.has(nation))
  }
  const holders = (id: string): Nation[] =>
    db
      .prepare('SELECT recipient FROM held WHERE record = ?')
      .all(id)
      .map((row) => row['recipient'] as Nation)
  /** @param atMs time for which they were decided: a date may have passed since */
  const narrow = (
    changes: readonly PlannedChange[],
    policy: PolicyInForce | null,
    atMs: number,
  ): void => {
    const drops = changes.filter(({ change }) => change.drop !== null)
    // Without any policy in force the last one committed still grounds taking back what it gave.
    const ground = policy ?? policies.latest(atMs)
    if (drops.length === 0 || ground === null) return
    seal(deps, log, {
      changes: drops,
      policy: ground,
      atMs,
      effect: 'narrow',
      policyNow: () => policy,
      approvals: approvals.store,
      bands,
    })
    onSealed()
  }

  /**
   * Goes on serving what was put before. Bytes that stay the same were decided just now; of an older version only the
   * policy it was put under is known, so under another policy its body waits for the new put.
   */
  const keep = (planned: PlannedChange, policy: PolicyInForce): void => {
    const { recipient, id, change, composition, ground, atMs } = planned
    if (change.drop !== null) return
    if (!change.put) {
      db.prepare(
        'UPDATE held SET policy = ?, valid_until = ? WHERE recipient = ? AND record = ?',
      ).run(policy.ground, composition.validUntil, recipient, id)
      // The same bytes may rest on another officer's word now.
      if (ground !== '') noteStanding({ db }, recipient, id, composition.approvals)
      adoptBands({ db }, planned, atMs)
      return
    }
    const { changes: moved } = db
      .prepare('UPDATE held SET policy = ? WHERE recipient = ? AND record = ? AND policy <> ?')
      .run(policy.ground, recipient, id, policy.ground)
    if (moved > 0)
      db.prepare(
        'UPDATE entry_out SET body = NULL WHERE record = ? AND body IS NOT NULL AND feed IN (SELECT feed FROM feed_out WHERE recipient = ?)',
      ).run(id, recipient)
  }

  return () => {
    // The oldest first: what keeps coming in holds up nothing that was there before.
    const rows = db.prepare('SELECT record FROM dirty ORDER BY rowid LIMIT ?').all(BATCH)
    if (rows.length === 0) return false
    const atMs = log.nextAtMs()
    const policy = policies.at(atMs)
    const ids = rows.map((row) => row['record'] as string)
    db.transact(() => {
      for (const id of ids) bands.look(id, planner.source(id), policy, atMs)
    })
    const changes = ids.flatMap((id) => {
      const dataset = planner.source(id)?.dataset ?? ''
      const subscribed = subscribers(dataset)
      const asked = new Set([...subscribed, ...holders(id), ...approvals.queue.recipientsOf(id)])
      return [...asked].map((nation) => {
        const planned = planner.plan(id, nation, subscribed.includes(nation) ? policy : null, atMs)
        return planned
      })
    })
    narrow(changes, policy, atMs)
    db.transact(() => {
      for (const { recipient, id, dataset, change, composition } of changes) {
        if (change.put) waiting.add(dataset, recipient, id)
        else waiting.remove(recipient, id)
        approvals.queue.note({ recipient, record: id, dataset }, composition.pending, atMs)
      }
      for (const change of changes) if (policy !== null) keep(change, policy)
      for (const id of ids) noteOffers(deps, planner, id, policy, atMs)
      const done = db.prepare('DELETE FROM dirty WHERE record = ?')
      for (const id of ids) done.run(id)
    })
    return true
  }
}
