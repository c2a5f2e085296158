import { expect, test } from 'vitest'
import {
  addCheckpoint,
  consistencyProof,
  createMemoryTree,
  createVerifierKey,
  formatAddCheckpoint,
  formatBase64,
  formatTilePath,
  formatUtf8,
  KEY_TYPE,
  leafHash,
  openCheckpoint,
  parseAddCheckpoint,
  parseHex,
  parseNote,
  parseSignatureLines,
  parseVerifierKey,
  signCheckpoint,
  tilesOf,
  type VerifierKey,
  verifyCosignatures,
  verifyNote,
  type WitnessAnswer,
  type WitnessedCheckpoint,
} from '../src/index.ts'
import { codeOf } from './errors.ts'
import { signerOf, testSigner, testWitness } from './keys.ts'
import { describeVectors, vectorJson } from './vectors.ts'

const cosigner = testWitness('example.com/witness')

/** A witness of one log that keeps what it is told to keep. */
function createWitness(origin: string, key: VerifierKey, start?: WitnessedCheckpoint) {
  let stored = start
  return (body: string): WitnessAnswer => {
    const findLog = (asked: string) =>
      asked === origin ? { key, ...(stored ? { stored } : {}) } : undefined
    const answer = addCheckpoint(body, { findLog, cosigner, timeS: 1_679_315_147 })
    if (answer.update) stored = answer.update.next
    return answer
  }
}

function expectCosigned(answer: WitnessAnswer, checkpoint: string): void {
  expect(answer.status).toBe(200)
  const { text } = parseNote(checkpoint)
  const note = { text, signatures: parseSignatureLines(answer.body) }
  expect(verifyCosignatures(note, [cosigner.key])).toMatchObject([{ timeS: 1_679_315_147 }])
}

describeVectors('C2SP examples', 4, (ran) => {
  const vector = vectorJson<{
    signedNote: { vkey: string; note: string }
    cosignedMessageFormat: string
    tileShapes: { size: number; full: Record<string, number>; partial: Record<string, number> }[]
    tileIndex: Record<string, string>
  }>('witness/c2sp-spec-examples.json')

  test('signed note', () => {
    const { vkey, note } = vector.signedNote
    expect(verifyNote(parseNote(note), [parseVerifierKey(vkey)])).toHaveLength(1)
    ran()
  })

  test('cosigned message', () => {
    const [, , ...text] = vector.cosignedMessageFormat.split('\n')
    const messages: Uint8Array[] = []
    const verify = (_: Uint8Array, message: Uint8Array) => messages.push(message) > 0
    const signature = parseHex(
      `${(1_679_315_147).toString(16).padStart(16, '0')}${'00'.repeat(64)}`,
    )
    const line = { name: cosigner.key.name, keyId: cosigner.key.keyId, signature }
    verifyCosignatures({ text: text.join('\n'), signatures: [line] }, [cosigner.key], verify)
    expect(messages).toEqual([formatUtf8(vector.cosignedMessageFormat)])
    ran()
  })

  test('tile shapes', () => {
    for (const { size, full, partial } of vector.tileShapes) {
      const counted = { full: {}, partial: {} } as { full: Record<string, number>; partial: object }
      for (const { level, width } of tilesOf(size)) {
        if (level === 'entries') continue
        const name = `L${level}`
        if (width === 256) counted.full[name] = (counted.full[name] ?? 0) + 1
        else counted.partial = { ...counted.partial, [name]: width }
      }
      expect(counted).toEqual({ full, partial })
    }
    ran()
  })

  test('tile index', () => {
    for (const [index, path] of Object.entries(vector.tileIndex)) {
      expect(formatTilePath({ level: 0, index: Number(index), width: 256 })).toBe(`tile/0/${path}`)
    }
    ran()
  })
})

/** Where we answer something else than the source. */
const differences: Readonly<Record<string, number>> = {
  // It predates the answer 404.
  'body contains "unknown log"': 404,
  // It takes base64 with spare bits set (`r6gx=`); to us the line is malformed before its signature is looked at.
  'body contains "invalid signature"': 400,
}

describeVectors('litewitness add-checkpoint', 10, (ran) => {
  const vector = vectorJson<{
    logPublicKeyHex: string
    sequence: { request: string; status: number; assert: string }[]
    sumdb: { origin: string; vkey: string; request: string; status: number }
  }>('witness/litewitness-add-checkpoint.json')
  const origin = vector.sequence[0]?.request.split('\n')[2] ?? ''
  const key = createVerifierKey(origin, KEY_TYPE.ed25519, parseHex(vector.logPublicKeyHex))
  const ask = createWitness(origin, key)

  test.each(vector.sequence)('$status, $assert', ({ request, status, assert }) => {
    const answer = ask(request)
    expect(answer.status).toBe(differences[assert] ?? status)
    if (status === 200) expectCosigned(answer, request.slice(request.indexOf('\n\n') + 2))
    if (status === 409) {
      expect(answer.body).toBe(JSON.parse(assert.slice('body == '.length)))
      expect(answer.contentType).toBe('text/x.tlog.size')
    }
    ran()
  })

  test('Go checksum database, whose key name is not its origin', () => {
    const { origin: database, vkey, request, status } = vector.sumdb
    expect(createWitness(database, parseVerifierKey(vkey))(request).status).toBe(status)
    ran()
  })
})

describeVectors('omniwitness update', 10, (ran) => {
  const vector = vectorJson<{
    logVkey: string
    checkpointSize5: string
    checkpointSize8: string
    consistencyProof5to8Hex: string[]
    updates: {
      desc: string
      stored: number
      oldSize: number
      new: number
      proof: 'none' | '5to8' | string[]
      ok: boolean
      error?: string
    }[]
    parseBody: { ok: boolean; body: string }[]
  }>('witness/omniwitness-update.json')
  const key = parseVerifierKey(vector.logVkey)
  const hashes = vector.consistencyProof5to8Hex.map((hex) => parseHex(hex))
  const noteOf = (size: number) => (size === 5 ? vector.checkpointSize5 : vector.checkpointSize8)

  test.each(vector.updates)('$desc', ({ stored, oldSize, new: size, proof, ok, error }) => {
    const known =
      stored === 0
        ? undefined
        : {
            ...openCheckpoint(noteOf(stored), { origin: 'monkeys', key }).checkpoint,
            note: noteOf(stored),
          }
    const lines = proof === 'none' ? [] : proof === '5to8' ? hashes.map(formatBase64) : proof
    const body = [`old ${oldSize}`, ...lines, '', noteOf(size)].join('\n')
    const answer = createWitness('monkeys', key, known)(body)
    // A proof of two-byte hashes is no proof to us: malformed, not wrong.
    const expected = Array.isArray(proof) ? 400 : ok ? 200 : Number(statusIn(error))
    expect(answer.status).toBe(expected)
    if (answer.status === 200) expectCosigned(answer, noteOf(size))
    if (answer.status === 409) expect(answer.body).toBe(`${stored}\n`)
    ran()
  })

  // The first body, which the source accepts, has hashes of two bytes and no checkpoint.
  test.each(vector.parseBody)('refuses the body $body', ({ body }) => {
    expect(codeOf(() => parseAddCheckpoint(body))).toMatch(/_MALFORMED$/)
    ran()
  })
})

function statusIn(error: string | undefined): string | undefined {
  return error?.startsWith('stale') ? '409' : error?.split('-> ')[1]
}

describeVectors('sigsum-go requests', 8, (ran) => {
  const vector = vectorJson<{
    addCheckpointText: string
    validSignedCheckpoint: { ed25519SeedHex: string; note: string }
    cosignatureLineParsing: { line: string; keyIdHex: string; timestampHex: string }
    sequence_old_new_status: [old: number, size: number, status: number | string][]
  }>('witness/sigsum-request.json')

  test('add-checkpoint body', () => {
    const { oldSize, proof, checkpoint, note } = parseAddCheckpoint(vector.addCheckpointText)
    expect([oldSize, checkpoint.size, checkpoint.origin]).toEqual([3, 5, 'example.org/log'])
    const written = formatAddCheckpoint({
      oldSize,
      proof,
      checkpoint: vector.addCheckpointText.split('\n\n').slice(1).join('\n\n'),
    })
    expect(written).toBe(vector.addCheckpointText)
    expect(note.signatures).toHaveLength(1)
    ran()
  })

  test('signed checkpoint', () => {
    const { ed25519SeedHex, note } = vector.validSignedCheckpoint
    const origin = note.split('\n')[0] ?? ''
    const { key } = signerOf(origin, KEY_TYPE.ed25519, parseHex(ed25519SeedHex))
    expect(openCheckpoint(note, { origin, key }).checkpoint.size).toBe(10)
    ran()
  })

  test('cosignature line, whose time no verifier takes', () => {
    const { line, keyIdHex, timestampHex } = vector.cosignatureLineParsing
    // As stored the base64 has 105 characters, one `A` too many, and is refused.
    expect(codeOf(() => parseSignatureLines(line))).toBe('NOTE_MALFORMED')
    const [signature] = parseSignatureLines(line.replace('A=', '='))
    expect(signature?.keyId).toBe(keyIdHex)
    expect(signature?.signature.subarray(0, 8)).toEqual(parseHex(timestampHex))
    const key = { ...testWitness('example.org/witness-key').key, keyId: keyIdHex }
    const note = { text: 'example.org/log\n', signatures: signature ? [signature] : [] }
    expect(codeOf(() => verifyCosignatures(note, [key], () => true))).toBe('COSIGNATURE_TIME')
    ran()
  })

  const log = testSigner('log.example')
  const ask = createWitness('log.example', log.key)
  const tree = createMemoryTree()
  tree.append([0, 1, 2, 3, 4].map((byte) => leafHash(Uint8Array.of(byte))))
  const rootOf = (size: number) => {
    const part = createMemoryTree()
    part.append(Array.from({ length: size }, (_, i) => tree.hashAt(0, i)))
    return part.root()
  }

  test.each(vector.sequence_old_new_status)('from %i to %i: %s', (oldSize, size, status) => {
    const checkpoint = signCheckpoint({ origin: 'log.example', size, root: rootOf(size) }, log)
    const proof = consistencyProof(oldSize, size, tree.hashAt)
    const answer = ask(formatAddCheckpoint({ oldSize, proof, checkpoint }))
    expect(answer.status).toBe(Number.parseInt(String(status), 10))
    if (answer.status === 409) expect(answer.body).toBe('2\n')
    else expectCosigned(answer, checkpoint)
    ran()
  })
})
