import { signJws, toBase64url } from '@entente/schema'
import { expect, test } from 'vitest'
import { signerOf, verifyEd25519 } from '../../schema/test/signers.ts'
import { checkRegister } from '../src/register/check.ts'
import type { RegisterDocument } from '../src/register/document.ts'
import { openRegister, registerSealOf } from '../src/register/seal.ts'
import { type Consent, consentSentenceOf } from '../src/supplier/document.ts'
import { consentWith, registerOf } from './fixtures.ts'

const [acme, bolt, authority] = [signerOf(1), signerOf(2), signerOf(3)]
const suppliers = [
  { id: 'acme', title: 'EXERCISE Acme', key: toBase64url(acme.publicKey), names: ['Acme'] },
  { id: 'bolt', title: 'EXERCISE Bolt', key: toBase64url(bolt.publicKey), names: ['Bolt'] },
]
const sealed = (change: Partial<Consent> = {}, by = acme, nation = 'USA'): Consent => {
  const consent = consentWith({
    kinds: ['capability'],
    fields: ['unit_cost'],
    roles: ['contracting'],
    ...change,
  })
  const seal = signJws('entente-supplier-consent', consentSentenceOf(nation, consent), by.sign)
  return { ...consent, seal }
}
const withdrawal = (from: string, by = acme) => ({
  from,
  seal: signJws(
    'entente-supplier-withdrawal',
    { nation: 'USA', supplier: 'acme', consent: 'acme-1', from },
    by.sign,
  ),
})
const registerWith = (...consents: readonly Consent[]) => registerOf(consents, { suppliers })
const codes = (register: unknown) =>
  checkRegister(register, verifyEd25519).map(({ code, place }) => `${code} ${place}`)

test('a register with sealed consents may be signed, and opens', () => {
  const register = registerWith(sealed({ withdrawn: withdrawal('2026-09-01') }))
  expect(codes(register)).toEqual([])
  const open = (document: RegisterDocument) =>
    openRegister(
      {
        register: document,
        signatures: [signJws('entente-register-seal', registerSealOf(document), authority.sign)],
      },
      [
        {
          role: 'policy-authority',
          nation: 'USA',
          serial: 1,
          name: 'a',
          key: toBase64url(authority.publicKey),
        },
      ],
      verifyEd25519,
      1,
    )
  expect(open(register).consents.all).toHaveLength(1)
  // The authority's own seal does not stand in for the supplier's.
  expect(() => open(registerWith(sealed({}, bolt)))).toThrow(/SUPPLIER_SEAL at consents\[0\]/)
})

test.each<[fact: string, register: unknown, found: readonly string[]]>([
  [
    'another supplier sealed it',
    registerWith(sealed({}, bolt)),
    ['SUPPLIER_SEAL consents[0] (acme-1).seal'],
  ],
  [
    'it is to another nation',
    registerWith(sealed({}, acme, 'CAN')),
    ['SUPPLIER_SEAL consents[0] (acme-1).seal'],
  ],
  [
    'it has no seal of any sort',
    registerWith(consentWith()),
    ['SUPPLIER_SEAL consents[0] (acme-1).seal'],
  ],
  [
    'a withdrawal is sealed as a consent',
    registerWith({ ...sealed(), seal: withdrawal('2026-09-01').seal }),
    ['SUPPLIER_SEAL consents[0] (acme-1).seal'],
  ],
  [
    'somebody else withdraws it',
    registerWith(sealed({ withdrawn: withdrawal('2026-09-01', bolt) })),
    ['SUPPLIER_SEAL consents[0] (acme-1).withdrawn'],
  ],
  [
    'the day of the withdrawal is changed',
    registerWith(sealed({ withdrawn: { ...withdrawal('2026-09-01'), from: '2027-09-01' } })),
    ['SUPPLIER_SEAL consents[0] (acme-1).withdrawn'],
  ],
  [
    'its supplier is unknown',
    registerOf([sealed()], { suppliers: suppliers.slice(1) }),
    ['UNKNOWN_SUPPLIER consents[0] (acme-1).supplier'],
  ],
  ['it stands twice', registerWith(sealed(), sealed()), ['DUPLICATE_ID consents[1] (acme-1)']],
  [
    'it ends before it begins',
    registerWith(sealed({ effective: '2027-01-01', expires: '2026-01-01' })),
    ['INTERVAL consents[0] (acme-1).expires'],
  ],
  [
    'it is of a field that no kind has',
    registerWith(sealed({ fields: ['prize'] })),
    ['UNKNOWN_FIELD consents[0] (acme-1).fields'],
  ],
  [
    'two suppliers have one name',
    registerOf([sealed()], { suppliers: suppliers.map((each) => ({ ...each, names: ['Acme'] })) }),
    ['SUPPLIER_TWICE suppliers[1] (bolt)'],
  ],
  [
    'a supplier has no name',
    registerOf([sealed()], {
      suppliers: suppliers.map(({ names: _, ...each }, i) =>
        i === 1 ? each : { ...each, names: ['Acme'] },
      ),
    }),
    ['NO_SELECTOR suppliers[1] (bolt)'],
  ],
  [
    'a role is none',
    registerWith({ ...sealed(), roles: ['everybody'] as never }),
    ['FORM consents[0] (acme-1).roles[0]'],
  ],
  [
    'its roles are nobody',
    registerWith({ ...sealed(), roles: [] as never }),
    ['FORM consents[0] (acme-1).roles'],
  ],
])('a register is refused when %s', (_, register, found) => {
  expect(codes(register)).toEqual(found)
})

test('an authority may end a consent, and change nothing else of it', () => {
  const consent = sealed()
  expect(codes(registerWith({ ...consent, revoked: '2026-08-01' }))).toEqual([])
  const { fields: _, ...wider } = consent
  const { roles: __, ...forAll } = consent
  for (const changed of [
    wider,
    forAll,
    { ...consent, recipients: ['GBR', 'NOR'] },
    { ...consent, expires: '2027-12-31' },
    { ...consent, effective: '2026-01-02' },
    { ...consent, uses: ['use', 'display'] as const },
    { ...consent, datasets: ['production'] },
  ] as Consent[])
    expect(codes(registerWith(changed))).toEqual(['SUPPLIER_SEAL consents[0] (acme-1).seal'])
})

test('every one-byte change of a seal is refused', () => {
  const consent = sealed()
  const { seal } = consent
  for (let i = 0; i < seal.length; i++) {
    const other = seal[i] === 'A' ? 'B' : 'A'
    const changed = `${seal.slice(0, i)}${other}${seal.slice(i + 1)}`
    expect(codes(registerWith({ ...consent, seal: changed }))).toHaveLength(1)
    expect(codes(registerWith({ ...consent, seal: seal.slice(0, i) }))).not.toEqual([])
  }
})
