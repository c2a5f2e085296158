import { ENGINE } from '@entente/policy'
import {
  canonicalBytes,
  canonicalJson,
  hmacSha256,
  type Inputs,
  type Nation,
  recordKeyOf,
  toBase64url,
  versionOf,
} from '@entente/schema'
import type { Deps } from '../deps.ts'
import type { ReleaseLog } from '../log/release-log.ts'
import { appendToControlFeed } from '../release/control-feed.ts'
import type { Planner } from '../release/plan.ts'
import type { PolicyInForce } from '../release/policy-store.ts'
import { approvalsOf, consentsIn } from '../release/seal.ts'
import type { Offer } from './offers.ts'

/**
 * Signs what is offered to a nation as the next statement of our control feed to it, with a commitment to one record for each line, by
 * which an auditor can decide again that it may go. Inside a transaction; the caller then calls `log.noteHead`.
 */
export function sealCatalogue(
  deps: Deps,
  log: ReleaseLog,
  planner: Planner,
  request: {
    readonly nation: Nation
    readonly offer: Offer
    readonly policy: PolicyInForce | null
    readonly atMs: number
  },
): void {
  const { db } = deps
  const { nation, offer, policy, atMs } = request
  const salt = deps.randomBytes(32)
  const inputs = policy === null ? null : inputsOf(deps, planner, { ...request, policy })
  const commitment = (of: Inputs) => toBase64url(hmacSha256(salt, canonicalBytes(of)))
  const { index } = appendToControlFeed(
    deps,
    log,
    'catalogue',
    nation,
    {
      policy: policy?.index ?? null,
      datasets: offer.datasets,
      inputs: inputs === null ? null : commitment(inputs),
    },
    salt,
  )
  if (inputs !== null)
    db.prepare('INSERT INTO decision_inputs(idx, json) VALUES (?, ?)').run(
      index,
      canonicalJson(inputs),
    )
  db.prepare(
    'INSERT OR REPLACE INTO catalogue_given(nation, datasets, at_ms) VALUES (?, ?, ?)',
  ).run(nation, canonicalJson(offer.datasets), atMs)
  db.prepare('UPDATE catalogue_asked SET answered = 1 WHERE nation = ?').run(nation)
}

function inputsOf(
  { db, fragmentKey }: Deps,
  planner: Planner,
  {
    nation,
    offer,
    policy,
    atMs,
  }: {
    readonly nation: Nation
    readonly offer: Offer
    readonly policy: PolicyInForce
    readonly atMs: number
  },
): Inputs {
  const shown = offer.shownBy.map((id) => ({
    change: planner.offer(id, nation, policy, atMs),
    body: null,
  }))
  const keep = db.prepare('INSERT OR IGNORE INTO source_version(digest, json) VALUES (?, ?)')
  for (const { change } of shown)
    if (change.source !== null) keep.run(change.source.digest, change.source.json)
  const approvals = approvalsOf(shown)
  const consents = consentsIn(shown, policy.compiled)
  return {
    engine: ENGINE,
    policy: policy.digest,
    ...(policy.register === null ? {} : { register: policy.register.digest }),
    recipient: nation,
    purpose: 'use',
    at: atMs,
    validUntil: null,
    records: shown.map(({ change: { id, source } }) => [
      id,
      source === null ? null : versionOf(recordKeyOf(fragmentKey, id), source.digest),
    ]),
    ...(approvals.length > 0 && { approvals }),
    ...(consents.length > 0 && { consents }),
  }
}
