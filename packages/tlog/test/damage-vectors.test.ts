import { expect, test } from 'vitest'
import {
  createVerifierKey,
  formatUtf8,
  KEY_TYPE,
  openCheckpoint,
  parseHex,
  parseNote,
  parseUtf8,
  parseVerifierKey,
  type VerifierKey,
  verifyNote,
} from '../src/index.ts'
import { codeOf } from './errors.ts'
import { signerOf } from './keys.ts'
import { damaged, platform } from './sample.ts'
import { describeVectors, vectorFiles, vectorJson, vectorText } from './vectors.ts'

/** Everything that others have signed, with the keys that did. */
describeVectors('signed texts, every byte changed and every part', 26, (ran) => {
  const xmod = vectorJson<Record<string, string>>('note/xmod-note.json')
  const c2sp = vectorJson<{ signedNote: { vkey: string; note: string } }>(
    'witness/c2sp-spec-examples.json',
  )
  const omni = vectorJson<Record<string, string>>('witness/omniwitness-update.json')
  const sigsum = vectorJson<{ validSignedCheckpoint: { ed25519SeedHex: string; note: string } }>(
    'witness/sigsum-request.json',
  ).validSignedCheckpoint
  const lite = vectorJson<{
    logPublicKeyHex: string
    sequence: { request: string; status: number }[]
    sumdb: { origin: string; vkey: string; request: string }
  }>('witness/litewitness-add-checkpoint.json')
  const tessera = 'example.com/log/testdata+33d7b496+AeHTu4Q3hEIMHNqc6fASMsq3rKNx280NI+oO5xCFkkSx'
  const key = (name: string) => parseVerifierKey(xmod[name] ?? '')
  const noteOf = (request: string) => request.slice(request.indexOf('\n\n') + 2)
  const asked = lite.sequence.find(({ status }) => status === 200)?.request ?? ''
  const origin = asked.split('\n')[2] ?? ''
  const sigsumOrigin = sigsum.note.split('\n')[0] ?? ''

  const notes: [what: string, note: string, keys: VerifierKey[]][] = [
    ['note of Peter', xmod['signedByPeter'] ?? '', [key('vkeyPeter')]],
    [
      'note of Peter and Enoch',
      xmod['signedByPeterAndEnoch'] ?? '',
      [key('vkeyPeter'), key('vkeyEnoch')],
    ],
    ['note of the standard', c2sp.signedNote.note, [parseVerifierKey(c2sp.signedNote.vkey)]],
  ]
  test.each(notes)('%s', (_, text, keys) => {
    const { length } = verifyNote(parseNote(text), keys, platform.verify)
    let refused = 0
    for (const bytes of damaged(formatUtf8(text))) {
      // A signature whose name was changed is a stranger's: then one of the known is missing.
      codeOf(() => {
        const verified = verifyNote(parseNote(parseUtf8(bytes)), keys, platform.verify)
        if (verified.length === length) throw new Error('accepted')
      })
      refused++
    }
    expect(refused).toBeGreaterThan(4 * text.length)
    ran()
  })

  const checkpoints: [what: string, note: string, key: VerifierKey, origin: string][] = [
    ...vectorFiles('tessera-log')
      .filter((path) => path.includes('/checkpoint'))
      .map((path): [string, string, VerifierKey, string] => [
        path,
        vectorText(path),
        parseVerifierKey(tessera),
        'example.com/log/testdata',
      ]),
    ...(['checkpointSize5', 'checkpointSize8'] as const).map(
      (name): [string, string, VerifierKey, string] => [
        `omniwitness ${name}`,
        omni[name] ?? '',
        parseVerifierKey(omni['logVkey'] ?? ''),
        'monkeys',
      ],
    ),
    [
      'sigsum',
      sigsum.note,
      signerOf(sigsumOrigin, KEY_TYPE.ed25519, parseHex(sigsum.ed25519SeedHex)).key,
      sigsumOrigin,
    ],
    [
      'litewitness',
      noteOf(asked),
      createVerifierKey(origin, KEY_TYPE.ed25519, parseHex(lite.logPublicKeyHex)),
      origin,
    ],
    [
      'Go checksum database',
      noteOf(lite.sumdb.request),
      parseVerifierKey(lite.sumdb.vkey),
      lite.sumdb.origin,
    ],
  ]
  test.each(checkpoints)('%s', (_, text, key, origin) => {
    const open = (note: string) => openCheckpoint(note, { origin, key }, platform.verify)
    expect(codeOf(() => open(text))).toBe('none')
    for (const bytes of damaged(formatUtf8(text)))
      expect(codeOf(() => open(parseUtf8(bytes)))).not.toBe('none')
    ran()
  })

  test('a checkpoint of one log is none of another', () => {
    const other = parseVerifierKey(omni['otherLogVkey'] ?? '')
    const open = () =>
      openCheckpoint(omni['checkpointSize5'] ?? '', { origin: 'monkeys', key: other })
    expect(codeOf(open)).toBe('NOTE_UNSIGNED')
    ran()
  })
})
