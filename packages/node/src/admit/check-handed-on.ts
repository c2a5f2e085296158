import { letsHandOn } from '@entente/policy'
import {
  ConsentError,
  type Entry,
  type Fragment,
  type Nation,
  openConsent,
  type Roster,
  type SealedConsent,
  type Verify,
} from '@entente/schema'

/** What a recipient knows of who may consent. */
export interface Consenting {
  readonly members: Roster['members']
  readonly verify: Verify
  /** Who we are. */
  readonly nation: Nation
  readonly nowMs: number
  readonly isWithdrawn: (nation: Nation, consent: string) => boolean
}

/**
 * Whether a nation may hand another nation's record on to us: every field by a consent that an officer of the originator has sealed,
 * for this holder, this version of the record and us, and that has neither run out nor been withdrawn. The original statement is not
 * needed: the consent names the head, and the head commits to the values.
 * @returns what is wrong, in words; null: nothing
 */
export function faultInHandingOn(
  sender: Nation,
  entry: Extract<Entry, { op: 'put' }>,
  { head, disclosures, consents }: Fragment,
  consenting: Consenting,
): string | null {
  const { originator } = head
  if (originator === consenting.nation)
    return `${sender} sends a record of ours, which nobody hands on to us`
  if (consents === undefined || entry.consents === undefined)
    return `${sender} passes on a record of ${originator} without its consent`
  const opened: SealedConsent[] = []
  for (const seal of consents)
    try {
      opened.push(openConsent(seal, consenting.members, consenting.verify))
    } catch (error) {
      if (!(error instanceof ConsentError)) throw error
      return `${sender} passes on a record of ${originator} by what is no consent of it (${error.code})`
    }
  const names = opened.map(({ digest }) => digest).sort()
  if (names.join() !== entry.consents.join())
    return 'the consents that came are not those that the statement names'
  const useless = opened.find(({ consent }) => consent.head !== entry.digest)
  if (useless !== undefined)
    return `${sender} shows a consent of ${originator} over another version of the record`
  const to = { holder: sender, recipient: consenting.nation, atMs: consenting.nowMs }
  for (const [, field] of disclosures) {
    const about = { originator, record: head.id, head: entry.digest, field }
    const lets = opened.filter((each) => letsHandOn(each, about, to))
    if (lets.length === 0)
      return `${originator} has not consented that ${sender} passes on ${field} of it to ${consenting.nation}, or no longer`
    if (lets.every(({ digest, consent }) => consenting.isWithdrawn(consent.nation, digest)))
      return `${originator} has withdrawn its consent that ${sender} passes on ${field} of it`
  }
  return null
}
