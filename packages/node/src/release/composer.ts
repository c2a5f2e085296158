import {
  type Composition,
  consentGround,
  type Decider,
  intervalOf,
  openComposer,
} from '@entente/policy'
import { type Nation, recordKeyOf } from '@entente/schema'
import type { SaidOn } from '../approvals/approval-store.ts'
import type { Deps } from '../deps.ts'
import type { BandsOn } from './band-standings.ts'
import type { SourceVersion } from './plan.ts'
import type { PolicyInForce } from './policy-store.ts'

/** Composes the fragment of one record version for one nation under one policy. */
export type Compose = (
  version: SourceVersion,
  recipient: Nation,
  policy: PolicyInForce,
  atMs: number,
  said: SaidOn,
  bands: BandsOn,
) => Composition

/** Fragments remembered at most, a few KB each. */
const capacity = 16_384

/**
 * Composes with a memory: deciding, the preview, its run and the seal of a live change all need the same fragment. A
 * composition holds for its record version, policy, date interval, consents to it, what officers have said and what bands are of, whatever
 * else happens.
 */
export function createComposer({ hash, fragmentKey, nation }: Deps): Compose {
  const memory = new Map<string, { readonly ground: string; readonly composition: Composition }>()
  let last: {
    readonly version: SourceVersion
    readonly decider: Decider
    readonly compose: ReturnType<typeof openComposer>
  } | null = null
  /** One record is composed for every recipient in turn: open it once. */
  const opened = (version: SourceVersion, decider: Decider) => {
    if (last?.version !== version || last.decider !== decider) {
      const secrets = { recordKey: recordKeyOf(fragmentKey, version.id), hash }
      last = { version, decider, compose: openComposer(version.record, decider, secrets) }
    }
    return last.compose
  }
  return (version, recipient, policy, atMs, said, bands) => {
    const key = `${recipient} ${version.id}`
    const { compiled } = policy
    const consents = compiled.consents === null ? '' : consentGround(compiled, version.record, atMs)
    const ground = `${version.digest} ${policy.ground} ${intervalOf(compiled, atMs)} ${said.ground} ${bands.ground} ${consents}`
    const known = memory.get(key)
    if (known?.ground === ground) return known.composition
    const composition = opened(version, policy.decider)(
      { recipient, purpose: 'use', atMs, sender: nation },
      said,
      bands.standings,
    )
    if (memory.size >= capacity) memory.clear()
    memory.set(key, { ground, composition })
    return composition
  }
}
