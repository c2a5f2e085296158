import { expect, test } from 'vitest'
import { toBase64url } from '../src/bytes.ts'
import type { OfficerCertificate } from '../src/certificate.ts'
import {
  consentSealType,
  openConsent,
  type RetransferConsent,
  sealConsent,
} from '../src/consent-seal.ts'
import { digestOf } from '../src/hash.ts'
import { signJws } from '../src/jws.ts'
import type { Roster } from '../src/roster.ts'
import { signerOf, verifyEd25519 } from './signers.ts'

const key = signerOf(1)
const other = signerOf(2)
const officerOf = (nation: string, { publicKey }: typeof key): OfficerCertificate => ({
  role: 'release-officer',
  nation,
  serial: 1,
  name: `${nation} officer`,
  key: toBase64url(publicKey),
})
/** As far as a consent reads a roster. */
const membersOf = (officers: Readonly<Record<string, readonly OfficerCertificate[]>>) =>
  new Map(
    Object.entries(officers).map(([nation, list]) => [nation, { nation, officers: list }]),
  ) as unknown as Roster['members']
const members = membersOf({ AUS: [officerOf('AUS', key)], GBR: [officerOf('GBR', other)] })

const consent: RetransferConsent = {
  nation: 'AUS',
  key: toBase64url(key.publicKey),
  holder: 'USA',
  record: `urn:entente:${'a'.repeat(32)}`,
  head: digestOf('head'),
  fields: ['rate_max', 'title'],
  transform: 'coarse',
  derived: false,
  recipients: ['CAN', 'NOR'],
  purpose: 'use',
  until: 1_800_000_000_000,
}
const open = (seal: string, roster = members) => openConsent(seal, roster, verifyEd25519)
const codeOf = (seal: string, roster = members): string => {
  try {
    open(seal, roster)
    return 'opened'
  } catch (error) {
    return String((error as { code?: unknown }).code)
  }
}

test('a consent of a certified officer opens, and says who sealed it', () => {
  const seal = sealConsent(consent, key.sign)
  expect(open(seal)).toEqual({
    digest: digestOf(consent),
    consent,
    officer: officerOf('AUS', key),
    seal,
  })
})

test.each<[who: string, code: string, seal: string, roster?: typeof members]>([
  [
    'a nation that is not in the roster',
    'CONSENT_NATION',
    sealConsent({ ...consent, nation: 'FRA' }, key.sign),
  ],
  [
    'an officer of another nation',
    'CONSENT_OFFICER',
    sealConsent({ ...consent, key: toBase64url(other.publicKey) }, other.sign),
  ],
  [
    'an officer whom the roster names no longer',
    'CONSENT_OFFICER',
    sealConsent(consent, key.sign),
    membersOf({ AUS: [] }),
  ],
  ['another key in the name of an officer', 'CONSENT_SEAL', sealConsent(consent, other.sign)],
  [
    'a sentence of another type',
    'CONSENT_FORM',
    signJws('entente-decision-seal', consent, key.sign),
  ],
  ['text that is no JWS', 'CONSENT_FORM', 'consent'],
  ...(
    [
      ['unsorted fields', { fields: ['title', 'rate_max'] }],
      ['no field', { fields: [] }],
      ['no recipient', { recipients: [] }],
      ['a nation that is none', { recipients: ['ZZZ'] }],
      ['a member too many', { more: 1 }],
      ['no end', { until: undefined }],
    ] as const
  ).map(([what, change]): [string, string, string] => [
    what,
    'CONSENT_FORM',
    signJws(consentSealType, JSON.parse(JSON.stringify({ ...consent, ...change })), key.sign),
  ]),
])('refuses %s: %s', (_, code, seal, roster) => {
  expect(codeOf(seal, roster)).toBe(code)
})

test('refuses every change of one character, and every part', () => {
  const seal = sealConsent(consent, key.sign)
  for (let i = 0; i < seal.length; i++) {
    const changed = `${seal.slice(0, i)}${seal[i] === 'A' ? 'B' : 'A'}${seal.slice(i + 1)}`
    expect(codeOf(changed), `character ${i}`).toMatch(/^CONSENT_/)
    if (i % 7 === 0) expect(codeOf(seal.slice(0, i)), `first ${i}`).toMatch(/^CONSENT_/)
  }
})
