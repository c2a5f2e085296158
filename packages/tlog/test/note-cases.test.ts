import { describe, expect, test } from 'vitest'
import {
  createVerifierKey,
  type Ed25519Verify,
  formatSignatureLine,
  formatUtf8,
  KEY_TYPE,
  type NoteSignature,
  openCheckpoint,
  parseCheckpoint,
  parseNote,
  parseUtf8,
  parseVerifierKey,
  signNote,
  type VerifierKey,
  verifyCosignatures,
  verifyEd25519,
  verifyNote,
} from '../src/index.ts'
import { codeOf } from './errors.ts'
import { testSigner, testWitness } from './keys.ts'
import { checkpoint, cosignedBy, log, origin, timeS, trust } from './sample.ts'

const asked = testWitness('witness-b.example')

const codeOfNote = (note: string, keys: VerifierKey[] = [log.key]) =>
  codeOf(() => verifyNote(parseNote(note), keys))

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

test('case 8: a repeated signature is verified once, and another one of the same key refuses the note', () => {
  let verified = 0
  const counting: Ed25519Verify = (...given) => {
    verified++
    return verifyEd25519(...given)
  }
  const verifiedIn = (work: () => unknown): number => {
    verified = 0
    work()
    return verified
  }
  const { text, signatures } = parseNote(checkpoint)
  const [good] = signatures
  if (good === undefined) throw new Error('the signature is missing')
  const noteOf = (of: NoteSignature, others: NoteSignature[] = []) => ({
    text,
    signatures: [...Array<NoteSignature>(100 - others.length).fill(of), ...others],
  })
  expect(verifiedIn(() => verifyNote(noteOf(good), [log.key], counting))).toBe(1)
  const other = { ...good, signature: good.signature.with(3, 1) }
  const refused = () =>
    expect(codeOf(() => verifyNote(noteOf(good, [other]), [log.key], counting))).toBe(
      'NOTE_SIGNATURE_INVALID',
    )
  expect(verifiedIn(refused)).toBe(1)

  const [older, newer] = [timeS, timeS + 1].map(
    (atS) => parseNote(cosignedBy(checkpoint, atS, [asked])).signatures[1],
  )
  if (older === undefined || newer === undefined) throw new Error('a cosignature is missing')
  const cosigned = () =>
    expect(verifyCosignatures(noteOf(older, [newer]), [asked.key], counting)).toMatchObject([
      { timeS: timeS + 1 },
    ])
  // At two times a witness says two things.
  expect(verifiedIn(cosigned)).toBe(2)
  const spoilt = { ...older, signature: older.signature.with(20, 1) }
  const alsoRefused = () =>
    expect(codeOf(() => verifyCosignatures(noteOf(older, [spoilt]), [asked.key], counting))).toBe(
      'COSIGNATURE_INVALID',
    )
  expect(verifiedIn(alsoRefused)).toBe(2)
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
