import { generateKeyPairSync } from 'node:crypto'
import {
  type Cosignature,
  cosign,
  createVerifierKey,
  formatSignatureLine,
  KEY_TYPE,
  parseNote,
  type Signer,
  signCheckpoint,
  verifyCosignatures,
} from '@entente/tlog'
import { expect, test } from 'vitest'
import { createEd25519Signer, verifyEd25519 } from '../src/adapters/ed25519.ts'
import { openDatabase } from '../src/adapters/sqlite-database.ts'
import { createCosignedCheckpoints } from '../src/log/cosigned-checkpoints.ts'
import { logTables } from '../src/log/log-tables.ts'

const signer = (name: string, type: Signer['key']['type']): Signer => {
  const { sign, publicKey } = createEd25519Signer(generateKeyPairSync('ed25519').privateKey)
  return { key: createVerifierKey(name, type, publicKey), sign }
}
const log = signer('usa.example/log', KEY_TYPE.ed25519)
const root = new Uint8Array(32)
const note = signCheckpoint({ origin: 'usa.example/log', size: 7, root }, log)
const { text } = parseNote(note)
const cosigners = Array.from({ length: 31 }, (_, i) => signer(`witness-${i}`, KEY_TYPE.cosignature))
const witnesses = cosigners.map(({ key }) => key)

function begin() {
  const db = openDatabase(':memory:', [logTables])
  db.prepare('INSERT INTO checkpoint(size, note) VALUES (7, ?)').run(note)
  let checks = 0
  const verify: typeof verifyEd25519 = (...args) => {
    checks++
    return verifyEd25519(...args)
  }
  const open = () => createCosignedCheckpoints(db, witnesses, verify)
  return { db, open, checks: () => checks }
}
const answerOf = (cosigner: Signer, timeS: number): Cosignature[] =>
  verifyCosignatures({ text, signatures: [cosign(text, cosigner, timeS)] }, witnesses)

test('of 31 cosignatures that come one by one, none that is stored is checked again', () => {
  const { db, open, checks } = begin()
  using _ = db
  const checkpoints = open()
  for (const cosigner of cosigners) {
    const cosigned = checkpoints.with(7, answerOf(cosigner, 1_000))
    const whole = checkpoints.keep(7, cosigned, cosigned.length >= 21 ? 5 : null)
    expect(whole === null).toBe(cosigned.length < 21)
    expect(checkpoints.of(7)).toHaveLength(cosigned.length)
  }
  expect(checks()).toBe(0)
  // Another process reads what is stored, and checks each line once.
  const again = open()
  expect(again.of(7).map(({ key }) => key.name)).toEqual(witnesses.map(({ name }) => name))
  again.of(7)
  expect(checks()).toBe(31)
  expect(again.of(8)).toEqual([])
})

test('a newer cosignature takes the place of the older, the time of publication stays, other lines too', () => {
  const { db, open } = begin()
  using _ = db
  const [one, two] = cosigners as [Signer, Signer]
  const former = signer('former-witness', KEY_TYPE.cosignature)
  const line = formatSignatureLine(cosign(text, former, 900))
  db.prepare('UPDATE checkpoint SET cosigs = ?').run(line)
  const checkpoints = open()
  checkpoints.keep(7, checkpoints.with(7, answerOf(one, 1_000)), 5)
  checkpoints.keep(7, checkpoints.with(7, answerOf(two, 1_000)), null)
  const whole = checkpoints.keep(7, checkpoints.with(7, answerOf(one, 2_000)), 6)
  const row = db.prepare('SELECT note, cosigs, published_ms FROM checkpoint').get()
  expect(row?.['published_ms']).toBe(5)
  expect(whole).toBe(`${row?.['note']}${row?.['cosigs']}`)
  expect(whole).toContain(line)
  const read = verifyCosignatures(parseNote(whole ?? ''), witnesses)
  expect(read.map(({ key, timeS }) => [key.name, timeS])).toEqual([
    ['witness-0', 2_000],
    ['witness-1', 1_000],
  ])
  // An older one, answered late, takes no place.
  expect(checkpoints.with(7, answerOf(one, 1_500)).map(({ timeS }) => timeS)).toEqual([
    2_000, 1_000,
  ])
})

test('what something else has written into the table is checked, whatever was there before', () => {
  const { db, open } = begin()
  using _ = db
  const [one] = cosigners as [Signer]
  const checkpoints = open()
  checkpoints.keep(7, checkpoints.with(7, answerOf(one, 1_000)), null)
  const forged = formatSignatureLine({ ...cosign(text, one, 3_000), signature: new Uint8Array(72) })
  db.prepare('UPDATE checkpoint SET cosigs = ?').run(forged)
  expect(() => checkpoints.of(7)).toThrow(/does not verify/)
})
