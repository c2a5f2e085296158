import { nations } from '@entente/schema'
import {
  authorityKey,
  EPOCH,
  type Line,
  publish,
  putInForce,
  putRegister,
} from './bundle-builder.ts'
import { asq, mk58, policyOf, versionText } from './exercise-data.ts'
import {
  AGAIN,
  edit,
  FIRST_RELEASE,
  type Lie,
  NARROW,
  norPut,
  otherKey,
  usa,
  without,
} from './lie-tools.ts'
import { type Lies, release } from './story.ts'

/** Two authorities, who both signed the first edition. */
const bothSigned: Lies = { authorities: 2, policy: { second: authorityKey('USA', 2) } }

/** Lies about policies, decisions and fragments: steps 7 to 9. */
export const decisionLies: readonly Lie[] = [
  // Step 7.
  ['a policy dated back', 'TIME_WINDOW', 'USA', { policy: { at: EPOCH - 86_400_000 } }],
  [
    'a policy committed together with the release it permits',
    'POLICY_LATE',
    'USA',
    {
      late: (told) => {
        const third = putInForce(told.federation, told.usa, policyOf(3))
        told.policies.second = third
        release(told, told.usa, told.nor, 'second', [norPut])
      },
    },
  ],
  [
    'a superseded policy used',
    'POLICY_SUPERSEDED',
    'USA',
    { late: (told) => void release(told, told.usa, told.nor, 'first', [norPut]) },
  ],
  [
    'a policy that nobody with authority signed',
    'POLICY_SIGNATURE',
    'USA',
    { policy: { signer: otherKey } },
  ],
  [
    'a policy that is not the file shown',
    'POLICY_MISSING',
    'USA',
    usa(
      edit('policies.jsonl', 0, ({ policy }) => ({
        policy: { ...(policy as Line), nation: 'NOR' },
      })),
    ),
  ],
  [
    'a policy file whose seal was altered',
    'POLICY_FILE',
    'USA',
    usa(edit('policies.jsonl', 0, () => ({ signatures: ['e30.e30.AAAA'] }))),
  ],
  [
    'a checkpoint listed under another size',
    'CHECKPOINT_FORM',
    'USA',
    usa(edit('checkpoints.jsonl', 1, () => ({ size: 1 }))),
  ],
  [
    'a leaf named as policy that is none',
    'POLICY_LEAF',
    'USA',
    { narrow: { statement: { policy: FIRST_RELEASE } } },
  ],
  [
    'a policy used after its end',
    'POLICY_NOT_IN_FORCE',
    'USA',
    {
      late: (told) => {
        const ended = { ...policyOf(3), from: '2026-09-01', until: '2026-09-30' }
        const { federation, usa } = told
        told.policies.first = putInForce(federation, usa, ended)
        publish(federation, usa)
        release(told, usa, told.nor, 'first', [], { statement: { effect: 'widen' } })
      },
    },
  ],
  [
    'a policy file whose interval the authority did not seal',
    'POLICY_CONTRADICTS',
    'USA',
    {
      late: ({ federation, usa }) => {
        putInForce(federation, usa, policyOf(3), { edition: 4 })
        publish(federation, usa)
      },
    },
  ],
  [
    'a first edition that one of two authorities signed',
    'POLICY_WIDENS',
    'USA',
    { authorities: 2 },
  ],
  [
    'an edition that opens more than the one before, signed by one of two authorities',
    'POLICY_WIDENS',
    'USA',
    {
      ...bothSigned,
      late: ({ federation, usa }) => {
        putInForce(federation, usa, { ...policyOf(3), until: '2028-09-01' })
        publish(federation, usa)
      },
    },
  ],
  [
    'an edition in which a row keeps its roles but limits another field, signed by one of two authorities',
    'POLICY_WIDENS',
    'USA',
    {
      ...bothSigned,
      late: ({ federation, usa }) => {
        const { rules } = policyOf(3)
        const limited = (edition: number, fields: readonly string[]) => ({
          ...policyOf(edition),
          rules: [
            ...rules,
            {
              ...rules[0],
              id: 'engineers',
              roles: ['engineering'],
              match: { recipient: { in: ['NOR'] }, field: { in: fields } },
            },
          ],
        })
        putInForce(federation, usa, limited(3, ['supplier', 'title']))
        putInForce(federation, usa, limited(4, ['supplier']))
        publish(federation, usa)
      },
    },
  ],
  [
    'an edition that opens what came from any of very many nations, signed by one of two authorities',
    'POLICY_WIDENS',
    'USA',
    {
      ...bothSigned,
      late: ({ federation, usa }) => {
        const { rules } = policyOf(3)
        const nor = { recipient: { in: ['NOR'] }, field: { in: ['place'] } }
        const match = { ...nor, origins: { subsetOf: [...nations.keys()] } }
        const opened = { ...rules[0], id: 'from-all', match }
        putInForce(federation, usa, { ...policyOf(3), rules: [...rules, opened] })
        publish(federation, usa)
      },
    },
  ],
  [
    'a register by which more goes, signed by one of two authorities',
    'POLICY_WIDENS',
    'USA',
    {
      ...bothSigned,
      late: ({ federation, usa }) => {
        const agreed = {
          id: 'agreed',
          effect: 'permit',
          match: { agreements: { intersects: ['usa-nor-1'] } },
          reasonCode: 'agreed',
          authority: 'Agreement 1',
        }
        const { rules } = policyOf(3)
        const second = authorityKey('USA', 2)
        putInForce(federation, usa, { ...policyOf(3), rules: [...rules, agreed] }, { second })
        publish(federation, usa)
        putRegister(federation, usa, usa.keys.authority, {
          agreements: [
            {
              id: 'usa-nor-1',
              title: 'Exercise',
              type: 'MOU',
              parties: [{ nation: 'NOR' }],
              uses: ['use'],
              ceiling: 'RESTRICTED',
              effective: '2026-01-01',
              expires: '2029-01-01',
            },
          ],
        })
        publish(federation, usa)
      },
    },
  ],
  [
    'a register in force left out of a decision',
    'REGISTER_NOT_IN_FORCE',
    'USA',
    {
      late: (told) => {
        putRegister(told.federation, told.usa)
        publish(told.federation, told.usa)
        release(told, told.usa, told.nor, 'second', [norPut])
      },
    },
  ],
  [
    'a register read that was never in force',
    'REGISTER_NOT_IN_FORCE',
    'USA',
    { again: { inputs: { register: versionText(asq) } } },
  ],
  [
    'a register committed together with the release that it permits',
    'REGISTER_LATE',
    'USA',
    {
      late: (told) => {
        const register = putRegister(told.federation, told.usa).digest
        release(told, told.usa, told.nor, 'second', [norPut], { inputs: { register } })
      },
    },
  ],
  [
    'a register that is not the file shown',
    'REGISTER_MISSING',
    'USA',
    {
      late: ({ federation, usa }) => {
        putRegister(federation, usa)
        publish(federation, usa)
      },
      bundles: {
        USA: edit('registers.jsonl', 0, ({ register }) => ({
          register: { ...(register as Line), until: '2030-01-01' },
        })),
      },
    },
  ],
  [
    'a register file whose edition the authority did not seal',
    'REGISTER_FILE',
    'USA',
    {
      late: ({ federation, usa }) => {
        putRegister(federation, usa, usa.keys.authority, { edition: 2 })
        publish(federation, usa)
      },
    },
  ],

  // Steps 8 and 9.
  [
    'an opening of an entry withheld',
    'ENTRY_UNOPENED',
    'USA',
    usa(without('entries.jsonl', ({ index }) => index === NARROW)),
  ],
  [
    'an opening of an entry altered',
    'ENTRY_DIGEST',
    'USA',
    usa(
      edit('entries.jsonl', 0, ({ opening }) => ({
        opening: [(opening as string[])[0], { op: 'drop', record: asq.id }],
      })),
    ),
  ],
  [
    'a put in a release that says it narrows',
    'ENTRY_EFFECT',
    'USA',
    { again: { statement: { effect: 'narrow' } } },
  ],
  [
    'decision inputs withheld',
    'INPUTS_MISSING',
    'USA',
    usa(without('inputs.jsonl', ({ index }) => index === AGAIN)),
  ],
  [
    'a decision input edited',
    'INPUTS_COMMITMENT',
    'USA',
    usa(
      edit('inputs.jsonl', 0, ({ inputs }) => ({
        inputs: { ...(inputs as Line), purpose: 'display' },
      })),
    ),
  ],
  [
    'inputs of a decision for somebody else',
    'INPUTS_CLAIM',
    'USA',
    { again: { inputs: { recipient: 'NOR' } } },
  ],
  [
    'another engine',
    'ENGINE_UNKNOWN',
    'USA',
    { again: { inputs: { engine: 'entente-policy/0' } } },
  ],
  [
    'a record version withheld',
    'SOURCE_MISSING',
    'USA',
    usa(
      without(
        'sources.jsonl',
        ({ record }) =>
          (record as Line)['id'] === mk58.id &&
          (record as typeof mk58).envelope.status === 'active',
      ),
    ),
  ],
  [
    'a record version altered',
    'SOURCE_DIGEST',
    'USA',
    usa(({ rows }) => {
      const lines = rows['sources.jsonl'] ?? []
      const digest = lines[0]?.['digest']
      rows['sources.jsonl'] = lines.filter((line, i) => i === 0 || line['digest'] !== digest)
      for (const line of rows['sources.jsonl'].slice(0, 1))
        (line['record'] as Line)['dataset'] = 'other'
    }),
  ],
  [
    'the key of a record withheld',
    'RECORD_KEY_MISSING',
    'USA',
    usa(without('record-keys.jsonl', ({ record }) => record === mk58.id)),
  ],
  [
    'fewer fields put than decided',
    'DECISION_DIFFERS',
    'USA',
    {
      again: {
        entry: (entry) => {
          entry['fields'] = (entry['fields'] as string[]).slice(1)
          entry['authority'] = (entry['authority'] as string[]).slice(1)
        },
      },
    },
  ],
  [
    'a field put under a name that every object inherits',
    'OVER_RELEASE',
    'USA',
    {
      again: {
        entry: (entry) => {
          entry['fields'] = ['constructor', ...(entry['fields'] as string[])].sort()
          entry['authority'] = (entry['fields'] as string[]).map(() => 'Treaty 1')
        },
      },
    },
  ],
  [
    'a field taken back under a name that every object inherits',
    'DECISION_DIFFERS',
    'USA',
    {
      late: (told) =>
        void release(told, told.usa, told.gbr, 'second', [
          { drop: asq, fields: ['constructor', 'rate_max'] },
        ]),
    },
  ],
  [
    'a record taken back that may still go',
    'DECISION_DIFFERS',
    'USA',
    { late: (told) => void release(told, told.usa, told.gbr, 'second', [{ drop: asq }]) },
  ],
  [
    'a field taken back that may still go as it was',
    'DECISION_DIFFERS',
    'USA',
    {
      late: (told) =>
        void release(told, told.usa, told.gbr, 'second', [{ drop: asq, fields: ['rate_max'] }]),
    },
  ],
  [
    'a decision on another record',
    'DECISION_DIFFERS',
    'USA',
    { narrow: { inputs: { records: [[mk58.id, versionText(asq)]] } } },
  ],
  [
    'a release said to be good for ever',
    'DECISION_DIFFERS',
    'USA',
    { again: { inputs: { validUntil: null } } },
  ],
  [
    'a field put that the policy withholds',
    'OVER_RELEASE',
    'USA',
    {
      again: {
        entry: (entry) => {
          entry['fields'] = ['demand', ...(entry['fields'] as string[])]
          entry['authority'] = ['Treaty 1', ...(entry['authority'] as string[])]
        },
      },
    },
  ],
  [
    'an exact rate put where the policy gives a band',
    'OVER_RELEASE',
    'USA',
    { again: { values: { rate_max: { number: '1440', unit: 'each', per: 'year' } } } },
  ],
  [
    'a fragment with a field more than its entry names',
    'OVER_RELEASE',
    'USA',
    { again: { values: { demand: { quantity: '7', unit: 'each', period: 'year' } } } },
  ],
]
