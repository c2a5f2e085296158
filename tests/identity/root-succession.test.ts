import { type Ed25519Signer, verifyEd25519 } from '@entente/node'
import { partnersOf } from '@entente/node/testing'
import {
  certificateType,
  openMember,
  openNationRecall,
  openRevocation,
  openRoster,
  openSuccession,
  revocationType,
  rootsIn,
  sealRootRecall,
  sealSuccession,
  signJws,
} from '@entente/schema'
import { afterAll, beforeAll, expect, test } from 'vitest'
import { createFederation, type Federation } from '../support/federation.ts'
import { atMs, codeOf, edition, keyOf, rootsOf } from './roots.ts'

// NOR gives its root to another key. A thief has a copy of the old one.
let federation: Federation
let roots: ReturnType<typeof rootsOf>
beforeAll(() => {
  federation = createFederation(['GBR', 'NOR'])
  roots = rootsOf(federation)
})
afterAll(() => federation[Symbol.asyncDispose]())

test('a succession is of two roots, unbroken, and by the present root alone', () => {
  const { fileOf, newRoot, root, succeeded } = roots
  const [next, thief] = [newRoot(), newRoot()]
  const file = succeeded(next)
  expect(rootsIn(openMember(file, verifyEd25519))).toEqual([keyOf(root('NOR')), keyOf(next)])
  expect(
    codeOf(() => succeeded(newRoot(), next)),
    'not the present root',
  ).toBe('ROOT_NOT_OURS')
  expect(
    codeOf(() => succeeded(root('NOR'))),
    'itself',
  ).toBe('KEY_EXISTS')
  const [word] = (file.successions ?? []).map((signed) => openSuccession(signed, verifyEd25519))
  if (word === undefined) throw new Error('no word')
  const lie = (change: object, old = root('NOR'), by = next) =>
    codeOf(() => {
      const signed = sealSuccession({ ...word, ...change }, old.sign, by.sign)
      openMember({ ...file, successions: [signed] }, verifyEd25519)
    })
  expect(lie({})).toBe(null)
  expect(lie({}, thief), 'the old root has not signed').toBe('ROSTER_SUCCESSION')
  expect(lie({}, root('NOR'), thief), 'the new root has not signed').toBe('ROSTER_SUCCESSION')
  expect(lie({ nation: 'GBR' }), 'another nation').toBe('ROSTER_SUCCESSION')
  expect(lie({ to: keyOf(thief) }, root('NOR'), thief), 'another end').toBe('ROSTER_SUCCESSION')
  const [signed] = file.successions ?? []
  const other = sealSuccession({ ...word, reason: 'another' }, root('NOR').sign, next.sign)
  const mixed = { old: signed?.old ?? '', new: other.new }
  const twoSentences = { ...file, successions: [mixed] }
  expect(codeOf(() => openMember(twoSentences, verifyEd25519))).toBe('ROSTER_SUCCESSION')
  const { successions: _, ...bare } = file
  expect(rootsIn(openMember(bare, verifyEd25519)), 'nothing said').toEqual([keyOf(next)])
  // Back to the first one: a ring has no end.
  const back = sealSuccession(
    { ...word, from: keyOf(next), to: keyOf(root('NOR')) },
    next.sign,
    root('NOR').sign,
  )
  const ring = { ...fileOf('NOR'), successions: [...(file.successions ?? []), back] }
  expect(codeOf(() => openMember(ring, verifyEd25519))).toBe('ROSTER_SUCCESSION')
})

test('the old root certifies nothing more, and what it has taken back stays so', () => {
  const { fileOf, newRoot, root, succeeded } = roots
  const next = newRoot()
  const file = succeeded(next)
  const [mine] = file.certificates
  const stolen = { ...openMember(file, verifyEd25519).node, serial: 99, name: 'the thief’s' }
  const byOld = signJws(certificateType, stolen, root('NOR').sign)
  const lie = { ...file, certificates: [...file.certificates, byOld] }
  expect(mine).toBeDefined()
  expect(codeOf(() => openMember(lie, verifyEd25519))).toBe('ROSTER_CERTIFICATE')
  const { origin, key } = openMember(file, verifyEd25519).node
  const revocation = { nation: 'NOR', origin, key, lastGood: 1, at: atMs, reason: 'stolen' }
  const members = new Map([['NOR', openMember(file, verifyEd25519)]])
  const heard = (by: Ed25519Signer) =>
    codeOf(() =>
      openRevocation(members, signJws(revocationType, revocation, by.sign), verifyEd25519),
    )
  expect(heard(root('NOR'))).toBe(null)
  expect(heard(next)).toBe(null)
  expect(heard(root('GBR'))).toBe('REVOCATION_SIGNATURE')
  expect(heard(newRoot())).toBe('REVOCATION_SIGNATURE')
  const recall = { nation: 'NOR', purge: true, reason: 'a spill', at: atMs }
  const records = [`urn:entente:${'a'.repeat(32)}`]
  const recalled = (by: Ed25519Signer) =>
    codeOf(() =>
      openNationRecall(members, sealRootRecall({ ...recall, records }, by.sign), verifyEd25519),
    )
  expect([root('NOR'), next, newRoot()].map(recalled)).toEqual([
    null,
    null,
    'ROOT_RECALL_SIGNATURE',
  ])
  // Who was cut off under the old root is cut off under the new one.
  const roster = openRoster(edition(2, [fileOf('GBR'), file], [root('GBR'), next]), verifyEd25519)
  const cut = [{ nation: 'NOR', root: keyOf(root('NOR')) }]
  expect([...partnersOf(roster, 'GBR', cut).keys()]).toEqual([])
  expect([...partnersOf(roster, 'GBR').keys()]).toEqual(['NOR'])
})
