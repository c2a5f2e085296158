import { type Inputs, openConsent, type SealedConsent } from '@entente/schema'
import type { Bundle } from '../bundle/read-bundle.ts'
import { type AddFinding, reasonOf } from '../finding.ts'
import type { Trust } from '../trust.ts'

/** Consents of other nations that a bundle shows, by digest, each sealed by an officer of the roster. */
export type Consents = ReadonlyMap<string, SealedConsent>

/** One release: every consent that it was decided on is shown, and sealed. */
export function checkConsentsOf(
  index: number,
  { consents = [] }: Inputs,
  shown: Consents,
  found: AddFinding,
): void {
  for (const digest of consents)
    if (!shown.has(digest))
      found('CONSENT_MISSING', `release ${index} was decided on consent ${digest}`, index)
}

/** Opens every consent that the node held. One that is not sealed as it must be lets nothing go. */
export function openConsents(
  { consents }: Bundle,
  { roster, verify }: Trust,
  found: AddFinding,
): Consents {
  const good = new Map<string, SealedConsent>()
  for (const [i, { seal }] of consents.entries())
    try {
      const opened = openConsent(seal, roster.members, verify)
      good.set(opened.digest, opened)
    } catch (error) {
      found('CONSENT_SEAL', `consents.jsonl, line ${i + 1}: ${reasonOf(error)}`)
    }
  return good
}
