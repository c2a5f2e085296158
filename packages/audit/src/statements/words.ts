import type { OfficerWord } from '@entente/policy'
import { digestApproval, digestDisclosure, fromHex, type Nation, saltOf } from '@entente/schema'
import type { Bundle } from '../bundle/read-bundle.ts'
import type { AddFinding } from '../finding.ts'
import type { Trust } from '../trust.ts'
import type { Leaves } from './leaves.ts'
import type { Signers } from './seals.ts'

/** An officer's word, and the leaf that gives it. */
export type LoggedWord = OfficerWord & { readonly index: number }

/** What officers have said on fields that a policy leaves to them. */
export interface Words {
  /** By leaf. */
  readonly byIndex: ReadonlyMap<number, LoggedWord>
  /** On one record for one nation, in the order of the log. */
  readonly on: (recipient: Nation, record: string) => readonly LoggedWord[]
}

/**
 * Step 7, approvals: what is shown of each is what its leaf is about, and the value is the one it names. Words that a certified
 * release officer has not sealed count for nothing, which is no finding of its own where another person of the nation has.
 */
export function openWords(
  bundle: Bundle,
  leaves: Leaves,
  signers: Signers,
  { hash }: Trust,
  found: AddFinding,
): Words {
  const keys = new Map(bundle.recordKeys.map(({ record, key }) => [record, fromHex(key)]))
  const byIndex = new Map<number, LoggedWord>()
  for (const { index, opening, value } of bundle.approvals) {
    const leaf = leaves.byIndex.get(index)
    const [, content] = opening
    const about = digestApproval(opening, hash)
    if (leaf === undefined && leaves.erased.has(index)) continue
    if ((leaf?.kind !== 'approve' && leaf?.kind !== 'deny') || leaf.statement.about !== about) {
      found('APPROVAL_OPENING', `leaf ${index} is about something else than is shown`, index)
      continue
    }
    const key = keys.get(content.record)
    if (value !== undefined && key !== undefined) {
      const { field } = content
      const digest = digestDisclosure([saltOf(key, field, value, hash), field, value], hash)
      if (digest !== content.value)
        found('APPROVAL_OPENING', `leaf ${index} names another value than is shown`, index)
    }
    const officer = signers.get(index)?.find(({ role }) => role === 'release-officer')
    if (officer === undefined) continue
    const { name } = officer
    const word = { about, decision: leaf.kind, content, value: value ?? null }
    byIndex.set(index, { ...word, officer: { name, key: officer.key }, index })
  }
  const sorted = [...byIndex.values()].sort((a, b) => a.index - b.index)
  const byPlace = Map.groupBy(sorted, ({ content }) => placeOf(content.recipient, content.record))
  return { byIndex, on: (recipient, record) => byPlace.get(placeOf(recipient, record)) ?? [] }
}

const placeOf = (recipient: Nation, record: string) => `${recipient} ${record}`
