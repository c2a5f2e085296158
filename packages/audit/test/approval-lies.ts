import type { DataRecord, FieldApproval, Json } from '@entente/schema'
import {
  decideOn,
  digestText,
  EPOCH,
  hashText,
  type Line,
  publish,
  putInForce,
  row,
} from './bundle-builder.ts'
import { mk58, policyOf, recordKey } from './exercise-data.ts'
import type { TestKey } from './keys.ts'
import { edit, type Lie } from './lie-tools.ts'
import { canonical, secondFragment } from './second-fragment.ts'
import { type ReleaseLie, release, type Told } from './story.ts'

/** The makers wait for an officer before NOR has them. */
const asking = (needed = 1) => ({
  ...policyOf(3),
  rules: [
    ...policyOf(3).rules,
    {
      id: 'maker',
      effect: 'approve',
      match: { field: { in: ['supplier'] }, recipient: { in: ['NOR'] } },
      reasonCode: 'maker',
    },
  ],
  approvals: { needed: { RESTRICTED: needed } },
})

export const UNTIL = EPOCH + 30 * 86_400_000

/** Puts the policy in force that asks. */
export function ask(told: Told, needed = 1): void {
  const { federation, usa } = told
  told.policies.second = putInForce(federation, usa, asking(needed))
  publish(federation, usa)
}

/** What an officer says, without the node: a digest over salt and content, sealed. @returns what the leaf is about */
export function sayWord(
  { federation, usa, policies }: Told,
  change: Partial<FieldApproval> & { readonly shown?: Json } = {},
  { signer = usa.keys.officer, decision = 'approve' }: Speaking = {},
): string {
  const { shown = 'exercise maker', ...content } = change
  const { head } = secondFragment(mk58, { supplier: shown }, recordKey(mk58)).fragment
  const [disclosure] = head['sd'] as string[]
  const said = {
    record: mk58.id,
    field: 'supplier',
    value: disclosure,
    level: 'exact',
    recipient: 'NOR',
    purpose: 'use',
    policy: policies.second.digest,
    label: mk58.fields.supplier?.label,
    because: ['maker'],
    authors: ['analyst'],
    until: decision === 'approve' ? UNTIL : null,
    ...content,
  }
  const index = usa.entries.length
  const opening = [hashText(`word ${index}`).subarray(0, 16).toString('base64url'), said]
  const about = digestText(canonical(opening))
  decideOn(federation, usa, decision, about, signer)
  row(usa, 'approvals.jsonl', { index, opening, value: shown })
  return about
}
interface Speaking {
  readonly signer?: TestKey
  readonly decision?: 'approve' | 'deny'
}

/** Gives NOR the record, its maker among what goes, resting on these approvals. */
export function give(
  told: Told,
  abouts: readonly string[],
  values: Line = { title: 'MK-58', supplier: 'exercise maker' },
  put: DataRecord = mk58,
  lie: ReleaseLie = {},
): void {
  const inputs = {
    validUntil: UNTIL,
    ...(abouts.length > 0 && { approvals: [[mk58.id, 'supplier', abouts]] }),
  }
  release(told, told.usa, told.nor, 'second', [{ put, values }], { ...lie, inputs })
}

/** The record with another maker, which nobody has approved. */
export const remade: DataRecord = {
  ...mk58,
  fields: {
    ...mk58.fields,
    supplier: {
      ...mk58.fields['supplier'],
      value: 'another maker',
    } as DataRecord['fields'][string],
  },
}

/** A word that does not do for what went. */
const word = (
  lie: string,
  change: Parameters<typeof sayWord>[1],
  by: (told: Told) => Speaking = () => ({}),
): Lie => [
  lie,
  'APPROVAL_MISSING',
  'USA',
  {
    late: (told) => {
      ask(told)
      sayWord(told, change, by(told))
      publish(told.federation, told.usa)
      give(told, [])
    },
  },
]

export const approvalLies: readonly Lie[] = [
  [
    'a field that went without the approval it needs',
    'APPROVAL_MISSING',
    'USA',
    {
      late: (told) => {
        ask(told)
        give(told, [])
      },
    },
  ],
  [
    'an approval that came after what it approves',
    'APPROVAL_MISSING',
    'USA',
    {
      late: (told) => {
        ask(told)
        give(told, [])
        sayWord(told)
        publish(told.federation, told.usa)
      },
    },
  ],
  [
    'an approval named that the log does not give',
    'APPROVAL_MISSING',
    'USA',
    {
      late: (told) => {
        ask(told)
        give(told, [digestText('approval')], { title: 'MK-58' })
      },
    },
  ],
  [
    'one approval where two are needed',
    'APPROVAL_MISSING',
    'USA',
    {
      late: (told) => {
        ask(told, 2)
        sayWord(told)
        sayWord(told)
        publish(told.federation, told.usa)
        give(told, [])
      },
    },
  ],
  word('an approval by the policy authority', {}, ({ usa }) => ({ signer: usa.keys.authority })),
  word('an approval by the author', { authors: ['Release Officer'] }),
  word('an approval that had run out', { until: EPOCH }),
  word('an approval for another nation', { recipient: 'GBR' }),
  word('an approval of another value', { shown: 'another maker' }),
  word('an approval of a band', { level: 'coarse' }),
  word('an approval for another purpose', { purpose: 'display' }),
  word('an approval under another edition', { policy: digestText('edition 2') }),
  word('an approval for another reason', { because: ['spill'] }),
  [
    'an approval taken back before what it approves went',
    'APPROVAL_MISSING',
    'USA',
    {
      late: (told) => {
        ask(told)
        sayWord(told)
        sayWord(told, {}, { decision: 'deny' })
        publish(told.federation, told.usa)
        give(told, [])
      },
    },
  ],
  [
    'an older value that was approved, given to who did not hold it',
    'APPROVAL_MISSING',
    'USA',
    {
      late: (told) => {
        ask(told)
        const yes = sayWord(told)
        publish(told.federation, told.usa)
        give(told, [yes], undefined, remade)
      },
    },
  ],
  [
    'an approval left out of the inputs of what rests on it',
    'DECISION_DIFFERS',
    'USA',
    {
      late: (told) => {
        ask(told)
        sayWord(told)
        publish(told.federation, told.usa)
        give(told, [])
      },
    },
  ],
  [
    'an approval shown as one of something else',
    'APPROVAL_OPENING',
    'USA',
    {
      late: (told) => {
        ask(told)
        sayWord(told)
        publish(told.federation, told.usa)
      },
      bundles: {
        USA: edit('approvals.jsonl', 0, ({ opening }) => {
          const [salt, said] = opening as [string, Line]
          return { opening: [salt, { ...said, until: UNTIL + 1 }] }
        }),
      },
    },
  ],
  [
    'an approval shown with another value',
    'APPROVAL_OPENING',
    'USA',
    {
      late: (told) => {
        ask(told)
        sayWord(told)
        publish(told.federation, told.usa)
      },
      bundles: { USA: edit('approvals.jsonl', 0, () => ({ value: 'a maker' })) },
    },
  ],
]
