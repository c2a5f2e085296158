import { expect, test } from 'vitest'
import {
  addCheckpoint,
  consistencyProof,
  formatAddCheckpoint,
  formatEntryBundle,
  formatUtf8,
  formatVerifierKey,
  openCheckpoint,
  parseEntryBundle,
  parseNote,
  parseUtf8,
  parseVerifierKey,
  signCheckpoint,
  signNote,
  verifyNote,
  verifyQuorum,
  verifyTlogProof,
} from '../src/index.ts'
import { codeOf } from './errors.ts'
import { testSigner } from './keys.ts'
import * as sample from './sample.ts'

const { platform, trust } = sample
const { verify } = platform
const author = testSigner('author.example')

test.each<[what: string, intact: string, check: (text: string) => unknown]>([
  [
    'signed note',
    signNote('one paragraph\n\nand “another”\n', [author]),
    (text) => verifyNote(parseNote(text), [author.key], verify),
  ],
  ['checkpoint', sample.checkpoint, (text) => openCheckpoint(text, trust.log, verify)],
  [
    'cosigned checkpoint',
    sample.cosigned,
    (text) => {
      const { note } = openCheckpoint(text, trust.log, verify)
      verifyQuorum(note, trust.witnesses, {}, verify)
    },
  ],
  [
    'tlog-proof',
    sample.proof,
    (text) => verifyTlogProof(sample.entries[4] ?? new Uint8Array(), text, trust, platform),
  ],
  ['verifier key', formatVerifierKey(author.key), parseVerifierKey],
])('every changed byte and every part of a %s is refused', (_, intact, check) => {
  expect(codeOf(() => check(intact))).toBe('none')
  let refused = 0
  for (const bytes of sample.damaged(formatUtf8(intact))) {
    expect(codeOf(() => check(parseUtf8(bytes)))).not.toBe('none')
    refused++
  }
  expect(refused).toBe(5 * formatUtf8(intact).length - 1)
})

test('every changed byte and every part of an add-checkpoint body is refused', () => {
  const at = (size: number) =>
    signCheckpoint({ origin: sample.origin, size, root: sample.treeOf(size).root() }, sample.log)
  const stored = { size: 3, root: sample.treeOf(3).root(), note: at(3) }
  const [cosigner = author] = sample.witnesses
  const ask = (body: string) =>
    addCheckpoint(body, {
      findLog: (origin) => (origin === sample.origin ? { key: sample.log.key, stored } : undefined),
      cosigner,
      timeS: sample.timeS,
      primitives: platform,
    }).status
  const body = formatAddCheckpoint({
    oldSize: 3,
    proof: consistencyProof(3, 7, sample.tree.hashAt),
    checkpoint: at(7),
  })
  expect(ask(body)).toBe(200)
  for (const bytes of sample.damaged(formatUtf8(body))) {
    const isText = codeOf(() => parseUtf8(bytes)) === 'none'
    if (isText) expect(ask(parseUtf8(bytes))).toBeGreaterThanOrEqual(400)
  }
})

test('every part of an entry bundle is refused', () => {
  const bundle = formatEntryBundle(sample.entries)
  expect(parseEntryBundle(bundle, 7)).toEqual(sample.entries)
  for (let end = 0; end < bundle.length; end++) {
    const code = codeOf(() => parseEntryBundle(bundle.slice(0, end), 7))
    expect(code).toBe('ENTRY_BUNDLE_MALFORMED')
  }
  expect(codeOf(() => parseEntryBundle(bundle, 6))).toBe('ENTRY_BUNDLE_MALFORMED')
})
