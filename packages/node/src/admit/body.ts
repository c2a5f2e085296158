import {
  digestDisclosure,
  digestFragment,
  digestOpening,
  type Entry,
  Fragment,
  type Opening,
  type Release,
} from '@entente/schema'
import type { Deps, Partner } from '../deps.ts'
import type { BodyCode } from './codes.ts'

/** One opened entry, and whether what came with it is what it names. */
export type CheckedEntry =
  | {
      readonly ok: true
      readonly digest: string
      readonly entry: Entry
      readonly fragment: Fragment | null
    }
  | {
      readonly ok: false
      readonly digest: string
      readonly opening: Opening
      readonly code: BodyCode
      readonly message: string
    }

type Refusal = readonly [BodyCode, string] | null

/** Checks opened entries and bodies against the statement that names them. Pure. */
export function checkEntries(
  { hash }: Pick<Deps, 'hash'>,
  partner: Pick<Partner, 'nation'>,
  release: Release,
  openings: readonly Opening[],
  bodies: readonly unknown[],
): CheckedEntry[] {
  const named = new Set(release.entries)
  return openings.map((opening, i) => {
    const [, entry] = opening
    const digest = digestOpening(opening, hash)
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
    if (entry.op === 'drop') return { ok: true, digest, entry, fragment: null }
    const parsed = Fragment.safeParse(bodies[i])
    if (!parsed.success)
      return refuse('FRAGMENT_FORM', parsed.error.issues[0]?.message ?? 'malformed')
    const refusal = checkFragment(hash, partner, entry, parsed.data)
    return refusal === null
      ? { ok: true, digest, entry, fragment: parsed.data }
      : refuse(...refusal)
  })
}

function checkFragment(
  hash: Deps['hash'],
  partner: Pick<Partner, 'nation'>,
  entry: Extract<Entry, { op: 'put' }>,
  { head, disclosures }: Fragment,
): Refusal {
  if (digestFragment(head, hash) !== entry.digest)
    return ['FRAGMENT_DIGEST', 'the head is not the one the statement names']
  if (head.id !== entry.record) return ['FRAGMENT_IDENTITY', 'the body is of another record']
  // Passing on another nation's record needs its consent; none can be given yet.
  if (head.originator !== partner.nation)
    return [
      'ORIGINATOR',
      `${partner.nation} passes on a record of ${head.originator} without its consent`,
    ]
  const fields = disclosures.map(([, field]) => field)
  if (new Set(fields).size !== fields.length)
    return ['FIELD_REPEATED', 'a field is disclosed twice']
  if (
    fields.length !== entry.fields.length ||
    fields.some((field) => !entry.fields.includes(field))
  )
    return ['FRAGMENT_FIELDS', 'the disclosed fields are not those the statement names']
  const left = new Set(head.sd)
  for (const disclosure of disclosures)
    if (!left.delete(digestDisclosure(disclosure, hash)))
      return ['DISCLOSURE_DIGEST', `the value of ${disclosure[1]} is not the one signed for`]
  return left.size > 0
    ? ['DISCLOSURE_MISSING', `${left.size} signed values were not disclosed`]
    : null
}
