import {
  type DataRecord,
  type Disclosure,
  digestFragment,
  type FragmentHead,
  type Hash,
  type Nation,
  type SealedConsent,
  sha256,
} from '@entente/schema'

/** Consents that one fragment carries at most. */
export const MOST_CONSENTS = 8

/** What is handed on of another nation's record: some disclosures of it, under the head that its originator made. */
export interface HandedOn {
  readonly head: FragmentHead
  readonly disclosures: readonly Disclosure[]
  /** Those that the fields rest on, sorted by digest. */
  readonly consents: readonly SealedConsent[]
  readonly until: number
}

/** The head of a record as it came. @returns null where the record is one of the nation's own ledger */
export function receivedHead(record: DataRecord): FragmentHead | null {
  const { id, kind, originator, envelope, fields, received } = record
  const label = Object.values(fields)[0]?.label
  if (received === undefined || label === undefined) return null
  const { releasableTo: _list, ...banner } = label
  return {
    id,
    kind,
    originator,
    asOf: envelope.asOf,
    ...(envelope.validFrom !== undefined && { validFrom: envelope.validFrom }),
    ...(envelope.validTo !== undefined && { validTo: envelope.validTo }),
    status: envelope.status,
    handling: envelope.handling,
    banner,
    sd: received.sd,
  }
}

/** Whether a consent lets a holder hand a field of a fragment on, as it came, to a nation at a time. Pure: sender and receiver ask the same. */
export function letsHandOn(
  { consent }: Pick<SealedConsent, 'consent'>,
  fragment: {
    readonly originator: Nation
    readonly record: string
    readonly head: string
    readonly field: string
  },
  to: { readonly holder: Nation; readonly recipient: Nation; readonly atMs: number },
): boolean {
  return (
    consent.nation === fragment.originator &&
    consent.holder === to.holder &&
    consent.record === fragment.record &&
    consent.head === fragment.head &&
    consent.fields.includes(fragment.field) &&
    // A coarser form cannot be shown to be of the value that the originator signed for.
    consent.transform === null &&
    consent.recipients.includes(to.recipient) &&
    consent.purpose === 'use' &&
    to.atMs < consent.until
  )
}

/**
 * Fields of a record as it came, with the consents that let them go; of several the one that lasts longest. What has none stays, and
 * so does what would need more consents than a fragment carries.
 * @param released fields that policy lets go as they are
 */
export function handOn(
  record: DataRecord,
  released: readonly string[],
  consents: readonly SealedConsent[],
  to: { readonly holder: Nation; readonly recipient: Nation; readonly atMs: number },
  hash: Hash = sha256,
): HandedOn | null {
  const head = receivedHead(record)
  if (head === null) return null
  const digest = digestFragment(head, hash)
  const used = new Map<string, SealedConsent>()
  const disclosures: Disclosure[] = []
  for (const field of [...released].sort()) {
    const salt = record.received?.salts[field]
    const value = record.fields[field]?.value
    if (salt === undefined || value === undefined) continue
    const { id, originator } = record
    const [best] = consents
      .filter((each) => letsHandOn(each, { originator, record: id, head: digest, field }, to))
      .sort((a, b) => b.consent.until - a.consent.until || (a.digest < b.digest ? -1 : 1))
    if (best === undefined || (!used.has(best.digest) && used.size === MOST_CONSENTS)) continue
    used.set(best.digest, best)
    disclosures.push([salt, field, value])
  }
  if (disclosures.length === 0) return null
  const sorted = [...used.values()].sort((a, b) => (a.digest < b.digest ? -1 : 1))
  const until = Math.min(...sorted.map(({ consent }) => consent.until))
  return { head, disclosures, consents: sorted, until }
}
