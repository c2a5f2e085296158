import { expect, test } from 'vitest'
import { decide } from '../src/decide.ts'
import type { Question } from '../src/question.ts'
import {
  beside,
  consentWith,
  labelled,
  permitted,
  policyWith,
  record,
  recordWith,
  suppliedBy,
} from './fixtures.ts'

// Its supplier has consented: what denies is something else.
const policy = beside(policyWith(), consentWith())

test('permits what label and row allow, and says on what ground and until when', () => {
  expect(decide(permitted, policy)).toEqual({
    effect: 'permit',
    because: ['AUKUS-EXACT'],
    rules: ['all-fields'],
    transform: null,
    authority: 'AUKUS exercise 1',
    roles: null,
    validUntil: policy.untilMs,
  })
})

const envelope = record.envelope
test.each<[fact: string, change: Partial<Question>, because: string[]]>([
  [
    'recipient is not in REL TO',
    { record: labelled('rate_max', { releasableTo: ['AUS'] }) },
    ['recipient is not named in REL TO'],
  ],
  [
    'REL TO is empty',
    { record: labelled('rate_max', { releasableTo: [] }) },
    ['recipient is not named in REL TO'],
  ],
  [
    'REL TO names an unknown group',
    { record: labelled('rate_max', { releasableTo: ['FRIENDS'] }) },
    ['recipient is not named in REL TO'],
  ],
  [
    'field is NOFORN',
    { record: labelled('rate_max', { caveats: ['NOFORN'] }) },
    ['NOFORN: recipient is foreign'],
  ],
  [
    'field is COMMERCIAL and no row says so',
    { record: suppliedBy(labelled('rate_max', { caveats: ['COMMERCIAL'] })) },
    ['no rule permits it'],
  ],
  [
    'level is above the ceiling',
    { record: labelled('rate_max', { classification: 'TOP SECRET' }) },
    ['classification is above the ceiling of the recipient'],
  ],
  [
    'ORCON came from another nation',
    {
      record: {
        ...labelled('rate_max', { caveats: ['ORCON'] }),
        originator: 'CAN',
      },
    },
    ['ORCON: sender is not the originator', 'retransfer needs consent'],
  ],
  [
    'ORCON is in part another nation’s',
    {
      record: {
        ...labelled('rate_max', { caveats: ['ORCON'] }),
        envelope: { ...envelope, derivedFrom: [{ record: record.id, originator: 'CAN' }] },
      },
    },
    ['ORCON: sender is not the originator', 'retransfer needs consent'],
  ],
  ['recipient has no ceiling', { recipient: 'CAN' }, ['no ceiling is set for the recipient']],
  [
    'record is a draft',
    { record: recordWith({ envelope: { ...envelope, status: 'draft' } }) },
    ['record is not active'],
  ],
  [
    'dataset is not in the policy',
    { record: recordWith({ dataset: 'secrets' }) },
    ['dataset is not in the policy'],
  ],
  ['field does not exist', { field: 'constructor' }, ['record has no such field']],
  [
    'record carries an export-control regime',
    { record: recordWith({ envelope: { ...envelope, jurisdiction: [{ regime: 'ITAR' }] } }) },
    ['no agreement in force covers the tagged items of the record'],
  ],
  [
    'record came from another nation',
    { record: recordWith({ originator: 'CAN' }) },
    ['retransfer needs consent'],
  ],
  ['sender is another nation', { sender: 'GBR' }, ['sender is not the nation of the policy']],
  ['recipient is outside the row', { recipient: 'NOR' }, ['no rule permits it']],
  ['purpose is not the row’s', { purpose: 'retransfer' }, ['no rule permits it']],
  ['policy has ended', { atMs: policy.untilMs }, ['policy is not in force']],
  ['policy has not begun', { atMs: policy.fromMs - 1 }, ['policy is not in force']],
])('denies when the %s', (_, change, because) => {
  expect(decide({ ...permitted, ...change }, policy)).toMatchObject({ effect: 'deny', because })
})
