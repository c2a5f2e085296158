import { expect, test } from 'vitest'
import {
  formatNote,
  formatVerifierKey,
  KEY_TYPE,
  leafHash,
  parseCheckpoint,
  parseHex,
  parseNote,
  parseUtf8,
  parseVerifierKey,
  signNote,
  verifyNote,
} from '../src/index.ts'
import { codeOf } from './errors.ts'
import { signerOf } from './keys.ts'
import { describeVectors, vectorJson } from './vectors.ts'

describeVectors('golang/mod note', 17, (ran) => {
  const vector = vectorJson<{
    skeyPeter_TEST_ONLY: string
    vkeyPeter: string
    vkeyEnoch: string
    vkeysThatMustBeRejected: string[]
    text: string
    signedByPeter: string
    signedByPeterAndEnoch: string
    malformed: string[]
    malformedNonUtf8Hex: string
  }>('note/xmod-note.json')
  const tree = vectorJson<{ good: string; rootIsLeafHashOf: string; bad: string[] }>(
    'note/xmod-tree.json',
  )
  const peter = parseVerifierKey(vector.vkeyPeter)
  const enoch = parseVerifierKey(vector.vkeyEnoch)

  test('signing gives the same bytes', () => {
    const body = vector.skeyPeter_TEST_ONLY.split('+').slice(4).join('+')
    const secret = new Uint8Array(Buffer.from(body, 'base64')).slice(1)
    const signer = signerOf('PeterNeumann', KEY_TYPE.ed25519, secret)
    expect(formatVerifierKey(signer.key)).toBe(vector.vkeyPeter)
    expect(signNote(vector.text, [signer])).toBe(vector.signedByPeter)
    ran()
  })

  test.each([
    ['signed by Peter', vector.signedByPeter, 1],
    ['signed by Peter and Enoch', vector.signedByPeterAndEnoch, 2],
  ])('opens the note %s', (_, text, signatures) => {
    const note = parseNote(text)
    expect(note.text).toBe(vector.text)
    expect(verifyNote(note, [peter, enoch])).toHaveLength(signatures)
    expect(verifyNote(note, [peter])).toHaveLength(1)
    expect(formatNote(note)).toBe(text)
    ran()
  })

  test.each(vector.vkeysThatMustBeRejected)('refuses the key %s', (vkey) => {
    expect(codeOf(() => parseVerifierKey(vkey))).toBe('VKEY_MALFORMED')
    ran()
  })

  test('refuses every proper substring of a key and every byte incremented', () => {
    const vkey = vector.vkeyPeter
    for (let begin = 0; begin < vkey.length; begin++) {
      for (let end = begin; end <= vkey.length; end++) {
        const part = vkey.slice(begin, end)
        if (part !== vkey) expect(codeOf(() => parseVerifierKey(part))).toBe('VKEY_MALFORMED')
      }
      const next = String.fromCharCode(vkey.charCodeAt(begin) + 1)
      const changed = vkey.slice(0, begin) + next + vkey.slice(begin + 1)
      expect(codeOf(() => parseVerifierKey(changed))).toBe('VKEY_MALFORMED')
    }
    ran()
  })

  test.each(vector.malformed)('refuses the note %j', (note) => {
    expect(codeOf(() => parseNote(note))).toBe('NOTE_MALFORMED')
    ran()
  })

  test('refuses a note that is not UTF-8', () => {
    expect(codeOf(() => parseUtf8(parseHex(vector.malformedNonUtf8Hex)))).toBe('UTF8_MALFORMED')
    ran()
  })

  test('refuses 101 signature lines', () => {
    const line = vector.signedByPeter.slice(vector.text.length + 1)
    const signed = (lines: number) => `${vector.text}\n${line.repeat(lines)}`
    expect(verifyNote(parseNote(signed(100)), [peter])).toHaveLength(1)
    expect(codeOf(() => parseNote(signed(101)))).toBe('NOTE_MALFORMED')
    ran()
  })

  test('reads a tree of the Go checksum database', () => {
    expect(parseCheckpoint(tree.good)).toEqual({
      origin: 'go.sum database tree',
      size: 123456789012,
      root: leafHash(new TextEncoder().encode(tree.rootIsLeafHashOf)),
    })
    ran()
  })

  test.each(tree.bad)('refuses the tree %j', (text) => {
    expect(codeOf(() => parseCheckpoint(text))).toBe('CHECKPOINT_MALFORMED')
    ran()
  })
})
