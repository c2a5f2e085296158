import { join } from 'node:path'
import { readSigner } from '@entente/node'
import {
  type Disclosure,
  digestFragment,
  digestOf,
  type Fragment,
  type Nation,
  type Opening,
  RetransferConsent,
  sealConsent,
  toBase64url,
} from '@entente/schema'
import { afterAll, beforeAll, expect, test } from 'vitest'
import { createFederation, type Federation } from '../support/federation.ts'
import { fragmentOf, putOf } from '../support/hostile-sender.ts'
import { openPair } from '../support/pair.ts'
import { openOther } from '../support/passed.ts'

// The USA hands a record of AUS on to the GBR, which judges: by a consent of AUS, or by what is none.
const atMs = Date.UTC(2026, 8, 21)
let federation: Federation
beforeAll(() => {
  federation = createFederation(['AUS', 'GBR', 'USA'])
})
afterAll(() => federation[Symbol.asyncDispose]())

const whole = fragmentOf('AUS', { title: 'Beacon', supplier: 'Harbour Works' })
const head = digestFragment(whole.head)
const titleOnly = whole.disclosures.filter(([, field]) => field === 'title')

function sealed(change: Partial<RetransferConsent> = {}, by: Nation = 'AUS') {
  const { publicKey, sign } = readSigner(join(federation.root, 'authority', `${by}.officer.pem`))
  const consent = RetransferConsent.parse({
    nation: 'AUS',
    key: toBase64url(publicKey),
    holder: 'USA',
    record: whole.head.id,
    head,
    fields: ['title'],
    transform: null,
    derived: false,
    recipients: ['GBR'],
    purpose: 'use',
    until: atMs + 3_600_000,
    ...change,
  })
  return { seal: sealConsent(consent, sign), digest: digestOf(consent) }
}

/** A put of it, with the consents given. */
function put(
  consents: readonly { readonly seal: string; readonly digest: string }[],
  disclosures: readonly Disclosure[] = titleOnly,
) {
  const [salt, entry] = putOf({ ...whole, disclosures: [...disclosures] })
  const names = consents.map(({ digest }) => digest).sort()
  const named = { ...entry, digest: head, ...(names.length > 0 && { consents: names }) }
  const opening = [salt, named] as unknown as Opening
  const seals = consents.map(({ seal }) => seal)
  const body = { head: whole.head, disclosures, ...(seals.length > 0 && { consents: seals }) }
  return { opening, body: body as Fragment }
}

test('by a consent some fields of another nation’s record are admitted, and shown as that nation’s', () => {
  using gbr = openPair(federation, atMs)
  const { opening, body } = put([sealed()])
  gbr.send([opening], [body])
  expect(gbr.codes()).toEqual([])
  expect(gbr.view.byRecord(whole.head.id)).toMatchObject([
    { originator: 'AUS', sender: 'USA', fields: { title: { value: 'Beacon' } } },
  ])
  // A laptop of the GBR gets the consents with it, and judges by its own clock.
  using laptop = openOther(federation, 'GBR', gbr, () => atMs)
  using late = openOther(federation, 'GBR', gbr, () => atMs + 3_600_000)
  expect([laptop.pass().codes, laptop.codes(), late.pass().codes, late.codes()]).toEqual([
    [],
    [],
    [],
    ['ORIGINATOR'],
  ])
  expect(laptop.view.byRecord(whole.head.id)).toEqual(gbr.view.byRecord(whole.head.id))
  expect(laptop.db.prepare('SELECT field, until_ms FROM consented_in').all()).toEqual([
    { field: 'title', until_ms: atMs + 3_600_000 },
  ])
  expect(late.view.list({})).toEqual([])
})

const forged: Disclosure = [titleOnly[0]?.[0] ?? '', 'title', 'Beacon of ours']
test.each<[what: string, made: () => ReturnType<typeof put>, code: string]>([
  ['without a consent', () => put([]), 'ORIGINATOR'],
  ['for another recipient', () => put([sealed({ recipients: ['AUS'] })]), 'ORIGINATOR'],
  ['given to another holder', () => put([sealed({ holder: 'GBR' })]), 'ORIGINATOR'],
  ['that has run out at this minute', () => put([sealed({ until: atMs })]), 'ORIGINATOR'],
  ['over another version', () => put([sealed({ head: digestOf('other') })]), 'ORIGINATOR'],
  [
    'over another record',
    () => put([sealed({ record: `urn:entente:${'0'.repeat(32)}` })]),
    'ORIGINATOR',
  ],
  [
    'with a consent over another version beside the one it rests on',
    () =>
      put([
        sealed({ head: digestOf('older'), until: atMs + 10 * 365 * 86_400_000 }),
        sealed({ until: atMs + 60_000 }),
      ]),
    'ORIGINATOR',
  ],
  ['for display only', () => put([sealed({ purpose: 'display' })]), 'ORIGINATOR'],
  ['in bands at most', () => put([sealed({ transform: 'coarse' })]), 'ORIGINATOR'],
  ['that another nation’s officer sealed', () => put([sealed({}, 'USA')]), 'ORIGINATOR'],
  ['with a field that it does not name', () => put([sealed()], whole.disclosures), 'ORIGINATOR'],
  ['with a value that AUS did not sign for', () => put([sealed()], [forged]), 'DISCLOSURE_DIGEST'],
])('a record of AUS is refused: %s', (_, made, code) => {
  using gbr = openPair(federation, atMs)
  const { opening, body } = made()
  gbr.send([opening], [body])
  expect(gbr.codes()).toEqual([code])
  expect(gbr.view.search('beacon', 5)).toEqual([])
})

test('other consents than the statement names, or those of a record of its own, are refused', () => {
  using gbr = openPair(federation, atMs)
  const good = put([sealed()])
  const other = put([sealed({ until: atMs + 60_000 })])
  gbr.send([good.opening], [other.body])
  const own = fragmentOf('USA', { title: 'Beacon' })
  gbr.send([putOf(own)], [{ ...own, consents: [sealed().seal] }])
  expect(gbr.codes()).toEqual(['FRAGMENT_FORM', 'ORIGINATOR'])
})
