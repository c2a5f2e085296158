import {
  CanonicalJsonError,
  digestDisclosure,
  digestFragment,
  digestOpening,
  type Entry,
  Fragment,
  type Opening,
  type Release,
} from '@entente/schema'
import type { Deps, Partner } from '../deps.ts'
import { type Consenting, faultInHandingOn } from './check-handed-on.ts'
import type { BodyCode } from './codes.ts'
import { whereMalformed } from './where-malformed.ts'

/** An opened entry that is not admitted. Its digest is empty where it has no canonical form. */
export interface Refused {
  readonly ok: false
  readonly digest: string
  readonly opening: Opening
  readonly code: BodyCode
  readonly message: string
}

/** One opened entry, and whether what came with it is what it names. */
export type CheckedEntry =
  | {
      readonly ok: true
      readonly digest: string
      readonly opening: Opening
      readonly entry: Entry
      readonly fragment: Fragment | null
    }
  | Refused

type Refusal = readonly [BodyCode, string] | null

interface Checking {
  readonly consenting: Consenting
  /** Whether values that were signed for may be missing: who passes them on may have had to let them go since. */
  readonly mayLack?: boolean
}

/** Checks opened entries and bodies against the statement that names them. Pure. */
export function checkEntries(
  { hash, consenting, mayLack = false }: Pick<Deps, 'hash'> & Checking,
  partner: Pick<Partner, 'nation'>,
  release: Release,
  openings: readonly Opening[],
  bodies: readonly unknown[],
): CheckedEntry[] {
  const named = new Set(release.entries)
  return openings.map((opening, i) => {
    const [, entry] = opening
    const digest = trying(() => digestOpening(opening, hash)) ?? ''
    const refuse = (code: BodyCode, message: string): CheckedEntry => ({
      ok: false,
      digest,
      opening,
      code,
      message,
    })
    if (!named.delete(digest))
      return refuse('ENTRY_UNKNOWN', 'the statement names no such entry, or it came twice')
    if ((entry.op === 'put') !== (release.effect === 'widen'))
      return refuse('ENTRY_EFFECT', `a ${entry.op} in a statement that ${release.effect}s`)
    if (entry.op === 'drop') return { ok: true, digest, opening, entry, fragment: null }
    const parsed = trying(() => Fragment.safeParse(bodies[i]))
    if (!parsed?.success)
      return refuse(
        'FRAGMENT_FORM',
        parsed === undefined ? 'nested too deeply' : whereMalformed(parsed.error),
      )
    const refusal = trying(() =>
      checkFragment(hash, partner, entry, parsed.data, { consenting, mayLack }),
    )
    if (refusal === null) return { ok: true, digest, opening, entry, fragment: parsed.data }
    return refuse(...(refusal ?? (['FRAGMENT_FORM', 'a value has no canonical form'] as const)))
  })
}

/** Undefined where a value has no canonical form (a float, a lone surrogate) or is nested beyond the stack. */
function trying<T>(work: () => T): T | undefined {
  try {
    return work()
  } catch (error) {
    if (error instanceof CanonicalJsonError || error instanceof RangeError) return undefined
    throw error
  }
}

function checkFragment(
  hash: Deps['hash'],
  partner: Pick<Partner, 'nation'>,
  entry: Extract<Entry, { op: 'put' }>,
  fragment: Fragment,
  { consenting, mayLack }: Required<Checking>,
): Refusal {
  const { head, disclosures } = fragment
  if (digestFragment(head, hash) !== entry.digest)
    return ['FRAGMENT_DIGEST', 'the head is not the one the statement names']
  if (head.id !== entry.record) return ['FRAGMENT_IDENTITY', 'the body is of another record']
  const isOwn = head.originator === partner.nation
  const fault = isOwn ? null : faultInHandingOn(partner.nation, entry, fragment, consenting)
  if (fault !== null) return ['ORIGINATOR', fault]
  if (isOwn && (fragment.consents !== undefined || entry.consents !== undefined))
    return ['FRAGMENT_FORM', 'a record of the sender needs no consent']
  const fields = disclosures.map(([, field]) => field)
  if (new Set(fields).size !== fields.length)
    return ['FIELD_REPEATED', 'a field is disclosed twice']
  if (
    (fields.length !== entry.fields.length && !mayLack) ||
    fields.some((field) => !entry.fields.includes(field))
  )
    return ['FRAGMENT_FIELDS', 'the disclosed fields are not those the statement names']
  if (Object.keys(entry.roles ?? {}).some((field) => !entry.fields.includes(field)))
    return ['FRAGMENT_FIELDS', 'roles are named of a field that is not released']
  const left = new Set(head.sd)
  for (const disclosure of disclosures)
    if (!left.delete(digestDisclosure(disclosure, hash)))
      return ['DISCLOSURE_DIGEST', 'a value is not the one signed for']
  // By consent some fields are passed on; of its own record a nation discloses all that it signs for.
  return left.size > 0 && isOwn && !mayLack
    ? ['DISCLOSURE_MISSING', `${left.size} signed values were not disclosed`]
    : null
}
