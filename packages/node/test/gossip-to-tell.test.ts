import { generateKeyPairSync, sign } from 'node:crypto'
import { utf8 } from '@entente/schema'
import {
  cosign,
  createVerifierKey,
  formatNote,
  KEY_TYPE,
  type KeyType,
  type NoteSignature,
  parseNote,
  type Signer,
  signCheckpoint,
} from '@entente/tlog'
import { expect, test } from 'vitest'
import { encodeGossip, MOST_GOSSIP_BYTES, type SeenFrame } from '../src/gossip/frames.ts'
import { withKnownLines } from '../src/gossip/known-lines.ts'
import { createToTell, framed, textsOf } from '../src/gossip/to-tell.ts'

const signerOf = (name: string, type: KeyType): Signer => {
  const { publicKey, privateKey } = generateKeyPairSync('ed25519')
  const raw = new Uint8Array(publicKey.export({ format: 'der', type: 'spki' }).subarray(-32))
  return {
    key: createVerifierKey(name, type, raw),
    sign: (message) => new Uint8Array(sign(null, message, privateKey)),
  }
}
const log = signerOf('log.example', KEY_TYPE.ed25519)
const witness = signerOf('witness.example', KEY_TYPE.cosignature)
const noteOf = (size: number, origin = 'log.example', root = 1) =>
  signCheckpoint({ origin, size, root: new Uint8Array(32).fill(root) }, log)
const withLines = (note: string, ...lines: NoteSignature[]) => {
  const { text, signatures } = parseNote(note)
  return formatNote({ text, signatures: [...signatures, ...lines] })
}
const unknown = (signature = 600): NoteSignature => ({
  name: 'somebody.example',
  keyId: '00000000',
  signature: new Uint8Array(signature),
})

test('a note is told with the signature of its log and one line of each witness, and nothing else that it came with', () => {
  const cut = withKnownLines(new Map([['log.example', log.key]]), [witness.key])
  const note = noteOf(7)
  const cosignature = cosign(parseNote(note).text, witness, 1)
  const vouched = withLines(note, cosignature)
  expect(cut('log.example', note)).toBe(note)
  expect(cut('log.example', vouched)).toBe(vouched)
  const [own] = parseNote(note).signatures
  const long = { ...cosignature, signature: new Uint8Array(10_000) }
  const inflated = withLines(
    note,
    ...Array<NoteSignature>(40).fill(unknown()),
    ...(own === undefined ? [] : [own]),
    long,
    cosignature,
    cosignature,
  )
  expect(cut('log.example', inflated)).toBe(vouched)
  // Of another log nothing is known.
  expect(cut('other.example', inflated)).toBe(inflated)
})

test('what does not fit into a frame that partners take is told in the next one, and forks go first', () => {
  const toTell = createToTell((_, note) => note)
  const inflated = (note: string) => withLines(note, ...Array<NoteSignature>(60).fill(unknown()))
  const seen = Array.from({ length: 100 }, (_, i) => {
    const origin = `log-${i}.example`
    return { origin, seen: { size: 7, root: '', note: inflated(noteOf(7, origin)) } }
  })
  const evidence = {
    origin: 'log.example',
    first: noteOf(7),
    second: noteOf(7, 'log.example', 2),
    atMs: 1,
  }
  const whole = toTell(seen, [evidence])
  const bytesOf = ({ checkpoints, forks }: Pick<SeenFrame, 'checkpoints' | 'forks'>) =>
    encodeGossip({ t: 'seen', policy: 9_999, at: Date.now(), checkpoints, forks }).length
  const all = textsOf(whole)
  expect(all).toHaveLength(101)
  const told: string[] = []
  let frames = 0
  while (told.length < all.length) {
    const frame = framed(
      whole,
      all.filter((text) => !told.includes(text)),
    )
    expect(bytesOf(frame)).toBeLessThan(MOST_GOSSIP_BYTES)
    expect(frame.texts).toHaveLength(frame.checkpoints.length + frame.forks.length)
    expect(frame.forks).toHaveLength(frames === 0 ? 1 : 0)
    told.push(...frame.texts)
    frames++
  }
  expect(frames).toBe(3)
  expect([...told].sort()).toEqual([...all].sort())
  expect(utf8(JSON.stringify(framed(whole).checkpoints)).length).toBeGreaterThan(1_900_000)
})
