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
import type { Deps } from '../../deps.ts'
import type { ReleaseLog } from '../../log/release-log.ts'
import { appendToControlFeed } from '../control-feed.ts'
import { keepInputs } from '../keep-inputs.ts'
import type { Planner, SourceVersion } from '../plan.ts'
import type { PolicyInForce } from '../policy-store.ts'
import { approvalsOf, consentsIn } from '../seal.ts'
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
  const decided = policy === null ? null : inputsOf(deps, planner, { ...request, policy })
  const commitment = (of: Inputs) => toBase64url(hmacSha256(salt, canonicalBytes(of)))
  const { index } = appendToControlFeed(
    deps,
    log,
    'catalogue',
    nation,
    {
      policy: policy?.index ?? null,
      datasets: offer.datasets,
      inputs: decided === null ? null : commitment(decided.inputs),
    },
    { salt, atMs },
  )
  if (decided !== null) keepInputs(db, index, decided.inputs, decided.sources)
  db.prepare(
    'INSERT OR REPLACE INTO catalogue_given(nation, datasets, at_ms) VALUES (?, ?, ?)',
  ).run(nation, canonicalJson(offer.datasets), atMs)
  db.prepare('UPDATE catalogue_asked SET answered = 1 WHERE nation = ?').run(nation)
}

function inputsOf(
  { fragmentKey }: Deps,
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
): { readonly inputs: Inputs; readonly sources: readonly (SourceVersion | null)[] } {
  const shown = offer.shownBy.map((id) => ({
    change: planner.offer(id, nation, policy, atMs),
    body: null,
  }))
  const approvals = approvalsOf(shown)
  const consents = consentsIn(shown, policy.compiled)
  const inputs: Inputs = {
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
  return { inputs, sources: shown.map(({ change }) => change.source) }
}
