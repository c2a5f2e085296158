import { describe, expect, test } from 'vitest'
import {
  createVerifierKey,
  formatNote,
  formatSignatureLine,
  formatTlogProof,
  formatUtf8,
  inclusionProof,
  KEY_TYPE,
  leafHash,
  nodeHash,
  openCheckpoint,
  parseCheckpoint,
  parseNote,
  parseSignatureLines,
  parseTlogProof,
  parseUtf8,
  parseVerifierKey,
  signCheckpoint,
  signNote,
  type VerifierKey,
  verifyCosignatures,
  verifyInclusion,
  verifyNote,
  verifyQuorum,
  verifyTlogProof,
} from '../src/index.ts'
import { codeOf } from './errors.ts'
import { testSigner, testWitness } from './keys.ts'
import {
  checkpoint,
  cosigned,
  cosignedBy,
  entries,
  log,
  origin,
  proof,
  timeS,
  tree,
  treeOf,
  trust,
  witnesses,
} from './sample.ts'

const nothing = new Uint8Array()
const entryAt = (index: number) => entries[index] ?? nothing
const claim = { size: 7, root: tree.root() }
const path = inclusionProof(4, 7, tree.hashAt)
const leaf = leafHash(entryAt(4))
const codeOfNote = (note: string, keys: VerifierKey[] = [log.key]) =>
  codeOf(() => verifyNote(parseNote(note), keys))

test('an entry with its proof, the signature of the log and two witnesses is accepted', () => {
  const verified = verifyTlogProof(entryAt(4), proof, trust)
  expect(verified.index).toBe(4)
  expect(verified.checkpoint).toEqual({ origin, ...claim })
  expect(verified.cosignatures.map(({ timeS }) => timeS)).toEqual([timeS, timeS])
})

test('extra data of a proof is carried, but proves nothing', () => {
  const line = (text: string) => proof.replace('index', `extra ${text}\nindex`)
  expect(parseTlogProof(line('AAEC')).extra).toEqual(Uint8Array.of(0, 1, 2))
  expect(verifyTlogProof(entryAt(4), line('AAEC'), trust).index).toBe(4)
  expect(codeOf(() => verifyTlogProof(entryAt(4), line('AAE'), trust))).toBe('PROOF_MALFORMED')
})

describe('case 1: one bit flipped', () => {
  const flipped = (bytes: Uint8Array) => bytes.map((byte, i) => (i === 3 ? byte ^ 4 : byte))

  test('in the entry', () => {
    const code = codeOf(() => verifyTlogProof(flipped(entryAt(4)), proof, trust))
    expect(code).toBe('INCLUSION_ROOT_MISMATCH')
  })

  test.each([0, 1, 2])('in node row %i of the proof', (row) => {
    const damaged = path.map((hash, i) => (i === row ? flipped(hash) : hash))
    const code = codeOf(() => verifyInclusion(leaf, 4, damaged, claim))
    expect(code).toBe('INCLUSION_ROOT_MISMATCH')
  })
})

test.each<[what: string, index: number, hashes: Uint8Array[], size: number, code: string]>([
  ['another index', 5, path, 7, 'INCLUSION_ROOT_MISMATCH'],
  ['an index beyond the size', 7, path, 7, 'INCLUSION_INDEX'],
  ['a negative index', -1, path, 7, 'INCLUSION_INDEX'],
  ['a fractional index', 0.5, path, 7, 'INCLUSION_INDEX'],
  ['another size', 4, path, 5, 'INCLUSION_PROOF_LENGTH'],
  ['a size above 2^53 − 1', 4, path, 2 ** 53, 'TREE_SIZE'],
  ['a truncated proof', 4, path.slice(0, -1), 7, 'INCLUSION_PROOF_LENGTH'],
  ['a padded proof', 4, [...path, claim.root], 7, 'INCLUSION_PROOF_LENGTH'],
  ['64 hashes', 4, Array.from({ length: 64 }, () => leaf), 7, 'INCLUSION_PROOF_LENGTH'],
  ['swapped hashes', 4, path.toReversed(), 7, 'INCLUSION_ROOT_MISMATCH'],
  ['a hash of 31 bytes', 4, [leaf.slice(1), ...path.slice(1)], 7, 'HASH_LENGTH'],
  ['a hash of 33 bytes', 4, [new Uint8Array(33), ...path.slice(1)], 7, 'HASH_LENGTH'],
])('case 2: a proof with %s is refused', (_, index, hashes, size, code) => {
  expect(codeOf(() => verifyInclusion(leaf, index, hashes, { ...claim, size }))).toBe(code)
})

test('case 3: an inner node offered as an entry is refused', () => {
  const [left, right] = [tree.hashAt(0, 4), tree.hashAt(0, 5)]
  const above = path.slice(1)
  // The node does stand at that height: without prefixes its two children would pass for an entry.
  verifyInclusion(nodeHash(left, right), 2, above, { size: 4, root: claim.root })
  const forged = new Uint8Array([...left, ...right])
  const code = codeOf(() => verifyInclusion(leafHash(forged), 2, above, { ...claim, size: 4 }))
  expect(code).toBe('INCLUSION_ROOT_MISMATCH')
})

test('case 4: a valid proof under the checkpoint of another origin with the same key is refused', () => {
  const other = signCheckpoint({ origin: 'nation-a.example/release-log/2', ...claim }, log)
  const foreign = formatTlogProof({
    index: 4,
    hashes: path,
    checkpoint: cosignedBy(other, timeS),
  })
  expect(codeOf(() => verifyTlogProof(entryAt(4), foreign, trust))).toBe('CHECKPOINT_ORIGIN')
})

test.each([
  '',
  '07',
  '00',
  '+1',
  '-1',
  '1e3',
  '7 ',
  '7.0',
  '9007199254740992',
  '9223372036854775808',
])('case 5: size %j is refused', (size) => {
  const [, , root] = checkpoint.split('\n')
  const text = `${origin}\n${size}\n${root}\n`
  expect(codeOf(() => parseCheckpoint(text))).toBe('CHECKPOINT_MALFORMED')
  const signed = signNote(text, [log])
  expect(codeOf(() => openCheckpoint(signed, trust.log))).toBe('CHECKPOINT_MALFORMED')
})

test.each(['extension\n', '\n', 'one\ntwo\n'])('case 6: extension %j is refused', (extension) => {
  const signed = signNote(`${parseNote(checkpoint).text}${extension}`, [log])
  expect(codeOf(() => openCheckpoint(signed, trust.log))).toBe('CHECKPOINT_MALFORMED')
})

describe('case 7: a note', () => {
  const [line = ''] = /— .*\n/.exec(checkpoint) ?? []
  const changed = (from: string | RegExp, to: string) => checkpoint.replace(from, to)

  test.each<[what: string, note: string, code: string]>([
    ['CRLF', checkpoint.replaceAll('\n', '\r\n'), 'NOTE_MALFORMED'],
    ['an en dash', changed('—', '–'), 'NOTE_MALFORMED'],
    ['a second blank line', changed('\n\n', '\n\n\n'), 'NOTE_SIGNATURE_INVALID'],
    ['a blank line between signatures', `${checkpoint}\n${line}`, 'NOTE_SIGNATURE_INVALID'],
    ['base64url', changed(line, line.replace('+', '-')), 'NOTE_MALFORMED'],
    ['missing padding', changed(/=+\n$/, '\n'), 'NOTE_MALFORMED'],
    ['a control character', changed('release', 'rel\x01ease'), 'NOTE_MALFORMED'],
    ['a tab', changed('\n7\n', '\n7\t\n'), 'NOTE_MALFORMED'],
    ['a lone surrogate', changed('release', 'rel\ud800ease'), 'NOTE_MALFORMED'],
    ['10,000 signatures', checkpoint + line.repeat(9_999), 'NOTE_MALFORMED'],
    ['101 short signatures', checkpoint + '— a AAAAAAA=\n'.repeat(100), 'NOTE_MALFORMED'],
    ['a text of 64 KiB', `${'a'.repeat(65_536)}\n\n${line}`, 'NOTE_MALFORMED'],
    ['a plus in the key name', changed('— nation-a', '— nation+a'), 'NOTE_MALFORMED'],
    ['a space in the key name', changed('— nation-a', '— nation a'), 'NOTE_MALFORMED'],
    ['a no-break space in it', changed('— nation-a', '— nation\u00a0a'), 'NOTE_MALFORMED'],
    ['an empty key name', changed(`— ${origin}`, '— '), 'NOTE_MALFORMED'],
    ['a signature of no bytes', `${checkpoint}— a AAAAAA==\n`, 'NOTE_MALFORMED'],
  ])('with %s is refused', (_, note, code) => {
    expect(line).toMatch(/\+.*=\n/)
    expect(note).not.toBe(checkpoint)
    expect(codeOfNote(note)).toBe(code)
  })

  test('with bytes that are not UTF-8 is refused', () => {
    const bytes = formatUtf8(checkpoint).with(3, 0xff)
    expect(codeOf(() => parseUtf8(bytes))).toBe('UTF8_MALFORMED')
  })

  test('with 16 signatures of others is accepted', () => {
    expect(codeOfNote(checkpoint + '— other.example AAAAAAA=\n'.repeat(16))).toBe('none')
  })

  test('of a key whose name is a regular expression is matched by letter', () => {
    const pattern = testSigner('.*[a-z]$(')
    const note = signNote('text\n', [pattern])
    expect(codeOfNote(note, [pattern.key])).toBe('none')
    expect(codeOfNote(note.replace('.*[a-z]$(', 'anything'), [pattern.key])).toBe('NOTE_UNSIGNED')
  })
})

test.each<[order: string, sort: (good: string, bad: string) => string]>([
  ['after', (good, bad) => good + bad],
  ['before', (good, bad) => bad + good],
])('case 8: a known key with a bad signature %s a good one refuses the note', (_, sort) => {
  const { text, signatures } = parseNote(checkpoint)
  const [good] = signatures.map(formatSignatureLine)
  const [bad] = parseNote(signNote('another text\n', [log])).signatures.map(formatSignatureLine)
  const note = `${text}\n${sort(good ?? '', bad ?? '')}`
  expect(codeOfNote(note)).toBe('NOTE_SIGNATURE_INVALID')
})

test('case 8: a good signature twice is one signature', () => {
  const { text, signatures } = parseNote(checkpoint)
  const note = { text, signatures: [...signatures, ...signatures] }
  expect(verifyNote(note, [log.key])).toEqual(signatures)
})

test('case 9: a note signed by unknown keys only is refused', () => {
  const stranger = testSigner(origin, KEY_TYPE.ed25519, 'another seed')
  expect(codeOfNote(signNote('text\n', [stranger]))).toBe('NOTE_UNSIGNED')
  expect(codeOfNote(signNote('text\n', [stranger]), [])).toBe('NOTE_UNSIGNED')
})

describe('case 10: type confusion', () => {
  // One key pair under both types, as a careless nation might have it.
  const asLog = testSigner('both.example')
  const asWitness = testWitness('both.example')
  const text = `both.example\n7\n${checkpoint.split('\n')[2]}\n`
  const signed = signNote(text, [asLog])

  test('the signature of a log is not a cosignature', () => {
    const note = parseNote(signed)
    expect(verifyCosignatures(note, [asWitness.key])).toEqual([])
    const relabelled = note.signatures.map((line) => ({ ...line, keyId: asWitness.key.keyId }))
    const code = codeOf(() => verifyCosignatures({ text, signatures: relabelled }, [asWitness.key]))
    expect(code).toBe('COSIGNATURE_INVALID')
  })

  test('a cosignature is not the signature of a log', () => {
    const [, line] = parseNote(cosignedBy(signed, timeS, [asWitness])).signatures
    if (!line) throw new Error('the cosignature is missing')
    expect(codeOf(() => verifyNote({ text, signatures: [line] }, [asLog.key]))).toBe(
      'NOTE_UNSIGNED',
    )
    const relabelled = { ...line, keyId: asLog.key.keyId }
    const code = codeOf(() => verifyNote({ text, signatures: [relabelled] }, [asLog.key]))
    expect(code).toBe('NOTE_SIGNATURE_INVALID')
  })

  test('a key serves only its own use', () => {
    const note = parseNote(signed)
    expect(codeOf(() => verifyNote(note, [asWitness.key]))).toBe('KEY_TYPE')
    expect(codeOf(() => verifyCosignatures(note, [asLog.key]))).toBe('KEY_TYPE')
    expect(codeOf(() => signNote(text, [asWitness]))).toBe('KEY_TYPE')
    expect(codeOf(() => cosignedBy(signed, timeS, [asLog]))).toBe('KEY_TYPE')
  })

  test.each([0x00, 0x02, 0x05, 0x06, 0xff])('a key of type %i is not read', (type) => {
    const id = createVerifierKey('a', KEY_TYPE.ed25519, new Uint8Array(32)).keyId
    const body = Buffer.from([type, ...asLog.key.publicKey]).toString('base64')
    expect(codeOf(() => parseVerifierKey(`a+${id}+${body}`))).toBe('VKEY_MALFORMED')
  })
})

test('case 11: the same key ID under another name is another key', () => {
  const { text, signatures } = parseNote(checkpoint)
  const renamed = signatures.map((line) => ({ ...line, name: 'nation-b.example' }))
  expect(codeOf(() => verifyNote({ text, signatures: renamed }, [log.key]))).toBe('NOTE_UNSIGNED')
  const twin = { ...testSigner('twin').key, name: log.key.name, keyId: log.key.keyId }
  expect(codeOfNote(checkpoint, [log.key, twin])).toBe('KEY_AMBIGUOUS')
})

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
