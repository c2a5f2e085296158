import { describe, expect, test } from 'vitest'
import {
  formatNote,
  formatSignatureLine,
  parseNote,
  parseSignatureLines,
  signCheckpoint,
  verifyCosignatures,
  verifyQuorum,
  verifyTlogProof,
} from '../src/index.ts'
import { codeOf } from './errors.ts'
import { testWitness } from './keys.ts'
import {
  checkpoint,
  cosigned,
  cosignedBy,
  entries,
  log,
  origin,
  proof,
  timeS,
  treeOf,
  trust,
  witnesses,
} from './sample.ts'

const nothing = new Uint8Array()
const entryAt = (index: number) => entries[index] ?? nothing

const note = parseNote(cosigned)

test('case 20: a valid checkpoint whose cosignatures are too old is stale', () => {
  const threeHours = 3 * 3_600
  const at = (nowS: number) => () =>
    verifyQuorum(note, trust.witnesses, { window: { fromS: nowS - threeHours, toS: nowS } })
  expect(codeOf(at(timeS + threeHours))).toBe('none')
  expect(codeOf(at(timeS + threeHours + 1))).toBe('QUORUM_STALE')
  const window = { fromS: timeS + 1, toS: timeS + threeHours }
  const code = codeOf(() => verifyTlogProof(entryAt(4), proof, { ...trust, window }))
  expect(code).toBe('QUORUM_STALE')
})

describe('case 21: a cosignature', () => {
  test('from the future does not count', () => {
    const window = { fromS: 0, toS: timeS - 1 }
    expect(codeOf(() => verifyQuorum(note, trust.witnesses, { window }))).toBe('QUORUM_STALE')
  })

  test('from one witness in the future spoils nothing for the others', () => {
    const [first, second] = witnesses
    if (!first || !second) throw new Error('two witnesses are needed')
    const mixed = cosignedBy(cosignedBy(checkpoint, timeS, [first]), timeS + 9_999, [second])
    const one = { ...trust.witnesses, quorum: 1 }
    const counted = verifyQuorum(parseNote(mixed), one, { window: { fromS: 0, toS: timeS } })
    expect(counted.map(({ key }) => key.name)).toEqual([first.key.name])
  })

  test.each([2n ** 53n, 2n ** 63n, 2n ** 64n - 1n])('of time %i is refused', (time) => {
    const [line] = note.signatures.slice(1)
    if (!line) throw new Error('the cosignature is missing')
    const signature = line.signature.slice()
    new DataView(signature.buffer).setBigUint64(0, time)
    const late = { text: note.text, signatures: [{ ...line, signature }] }
    const keys = trust.witnesses.witnesses
    expect(codeOf(() => verifyCosignatures(late, keys, () => true))).toBe('COSIGNATURE_TIME')
  })

  test.each([-1, 0.5, 2 ** 53, Number.NaN])('is not made for time %d', (time) => {
    expect(codeOf(() => cosignedBy(checkpoint, time))).toBe('COSIGNATURE_TIME')
  })

  test('that is newer takes the place of the older one', () => {
    const renewed = parseNote(cosignedBy(cosigned, timeS + 60))
    expect(renewed.signatures).toHaveLength(3)
    const times = verifyCosignatures(renewed, trust.witnesses.witnesses).map(({ timeS }) => timeS)
    expect(times).toEqual([timeS + 60, timeS + 60])
    expect(parseNote(cosignedBy(formatNote(renewed), timeS))).toEqual(renewed)
  })
})

describe('case 22: the quorum is not met', () => {
  const [first, second] = witnesses
  if (!first || !second) throw new Error('two witnesses are needed')
  const set = trust.witnesses

  test('with one witness too few', () => {
    const single = parseNote(cosignedBy(checkpoint, timeS, [first]))
    expect(codeOf(() => verifyQuorum(single, set))).toBe('QUORUM_NOT_MET')
    expect(codeOf(() => verifyQuorum(parseNote(checkpoint), set))).toBe('QUORUM_NOT_MET')
  })

  test('with the cosignature of one witness twice', () => {
    const { text, signatures } = parseNote(cosignedBy(checkpoint, timeS, [first]))
    const later = parseNote(cosignedBy(checkpoint, timeS + 1, [first])).signatures
    const repeated = { text, signatures: [...signatures, ...later] }
    expect(codeOf(() => verifyQuorum(repeated, set))).toBe('QUORUM_NOT_MET')
  })

  test('with one key under two names', () => {
    const alias = testWitness('alias.example', first.key.name)
    const twice = parseNote(cosignedBy(cosignedBy(checkpoint, timeS, [first]), timeS, [alias]))
    const both = { witnesses: [first.key, alias.key], quorum: 2 }
    expect(twice.signatures).toHaveLength(3)
    expect(codeOf(() => verifyQuorum(twice, both))).toBe('QUORUM_NOT_MET')
  })

  test('with the releasing nation as its own witness, also under another name', () => {
    const excluded = [second.key.name]
    expect(codeOf(() => verifyQuorum(note, set, { excluded }))).toBe('QUORUM_NOT_MET')
    expect(codeOf(() => verifyTlogProof(entryAt(4), proof, { ...trust, excluded }))).toBe(
      'QUORUM_NOT_MET',
    )
    const alias = testWitness('alias.example', second.key.name)
    const aliased = parseNote(cosignedBy(cosignedBy(checkpoint, timeS, [first]), timeS, [alias]))
    const all = { witnesses: [...set.witnesses, alias.key], quorum: 2 }
    expect(codeOf(() => verifyQuorum(aliased, all))).toBe('none')
    expect(codeOf(() => verifyQuorum(aliased, all, { excluded }))).toBe('QUORUM_NOT_MET')
  })

  test('with a forged cosignature the note is refused', () => {
    const other = signCheckpoint({ origin, size: 5, root: treeOf(5).root() }, log)
    const [, forged] = parseNote(cosignedBy(other, timeS, [second])).signatures
    const line = forged ? formatSignatureLine(forged) : ''
    const { signatures } = parseNote(cosignedBy(checkpoint, timeS, [first]))
    const mixed = { text: note.text, signatures: [...signatures, ...parseSignatureLines(line)] }
    expect(codeOf(() => verifyQuorum(mixed, set))).toBe('COSIGNATURE_INVALID')
  })
})
