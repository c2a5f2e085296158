import { describe, expect, test } from 'vitest'
import {
  addCheckpoint,
  consistencyProof,
  EMPTY_ROOT,
  formatAddCheckpoint,
  parseNote,
  signCheckpoint,
  verifyCosignatures,
  type WitnessAnswer,
  type WitnessedCheckpoint,
} from '../src/index.ts'
import { codeOf } from './errors.ts'
import { testSigner } from './keys.ts'
import { cosignedBy, log, origin, timeS, tree, treeOf, witnesses } from './sample.ts'

const [cosigner, forger] = witnesses
if (!cosigner || !forger) throw new Error('two witnesses are needed')

const at = (size: number, root = treeOf(size).root(), by = log) =>
  signCheckpoint({ origin, size, root }, by)

const storedAt = (size: number): WitnessedCheckpoint => ({
  size,
  root: treeOf(size).root(),
  note: at(size),
})

const request = (oldSize: number, checkpoint: string, proof: Uint8Array[] = []) =>
  formatAddCheckpoint({ oldSize, checkpoint, proof })

const ask = (body: string, stored?: WitnessedCheckpoint): WitnessAnswer =>
  addCheckpoint(body, {
    findLog: (asked) =>
      asked === origin ? { key: log.key, ...(stored ? { stored } : {}) } : undefined,
    cosigner,
    timeS,
  })

const growth = (older: number, newer: number) => consistencyProof(older, newer, tree.hashAt)
const fork = treeOf(3).root()

test('cosigns a checkpoint that extends the stored one', () => {
  const stored = storedAt(3)
  const answer = ask(request(3, at(7), growth(3, 7)), stored)
  expect(answer.status).toBe(200)
  expect(answer.update).toEqual({ origin, expected: stored, next: storedAt(7) })
  const note = parseNote(`${at(7)}${answer.body}`)
  expect(verifyCosignatures(note, [cosigner.key])).toMatchObject([{ timeS }])
})

test.each<[what: string, status: number, body: string, stored?: WitnessedCheckpoint]>([
  ['a first checkpoint', 200, request(0, at(7))],
  ['an empty log', 200, request(0, at(0))],
  ['the first leaves after an empty log', 200, request(0, at(7)), storedAt(0)],
  ['the same checkpoint again', 200, request(7, at(7)), storedAt(7)],
  ['an unreadable body', 400, 'old 0\n'],
  ['an old size with a leading zero', 400, request(0, at(7)).replace('old 0', 'old 00')],
  ['an old size above the new', 400, request(7, at(3)), storedAt(7)],
  ['64 hashes', 400, request(3, at(7), Array(64).fill(fork)), storedAt(3)],
  ['17 signatures', 400, request(0, at(7) + '— other.example AAAAAAA=\n'.repeat(16))],
  ['a key that is not the log’s', 403, request(0, at(7, fork, testSigner(origin, 1, 'x')))],
  ['an unknown origin', 404, request(0, at(7)).replace(origin, 'nation-x.example/log')],
  ['growth from nothing, to a witness that has a state', 409, request(0, at(7)), storedAt(3)],
  ['a proof where there is nothing to prove from', 422, request(0, at(7), growth(3, 7))],
  ['an empty log with a root', 422, request(0, at(0, fork))],
  ['no proof', 422, request(3, at(7)), storedAt(3)],
  ['the proof of another size', 422, request(3, at(7), growth(5, 7)), storedAt(3)],
])('answers %s with %i', (_, status, body, stored) => {
  const answer = ask(body, stored)
  expect(answer.status).toBe(status)
  expect(answer.update !== undefined).toBe(status === 200)
  expect(answer.body.includes('— ')).toBe(status === 200)
})

test('answers a bad signature of the known key with 403', () => {
  const [text] = at(7).split('\n\n')
  const [, line] = at(3).split('\n\n')
  expect(ask(request(0, `${text}\n\n${line}`)).status).toBe(403)
})

test('case 12: a fork at the stored size is answered with 409 and kept as evidence', () => {
  const forked = at(7, fork)
  const evidence = { stored: at(7), submitted: forked }
  for (const body of [request(7, forked), request(3, forked, growth(3, 7)), request(0, forked)]) {
    const answer = ask(body, storedAt(7))
    expect(answer).toEqual({ status: 409, contentType: 'text/x.tlog.size', body: '7\n', evidence })
  }
})

test('case 12: a fork without the signature of the log is no evidence', () => {
  const answer = ask(request(7, at(7, fork, testSigner(origin, 1, 'x'))), storedAt(7))
  expect(answer).toMatchObject({ status: 403 })
  expect(answer.evidence).toBeUndefined()
})

test('case 17: a slower request for a smaller tree names the state it was judged by', () => {
  const stored = storedAt(3)
  const small = ask(request(3, at(5), growth(3, 5)), stored)
  const large = ask(request(3, at(7), growth(3, 7)), stored)
  // The store sets `next` only where `expected` still stands, so after the larger one the smaller one finds no match.
  expect(small.update?.expected).toBe(stored)
  expect(large.update?.expected).toBe(stored)
  expect(ask(request(3, at(5), growth(3, 5)), large.update?.next)).toMatchObject({
    status: 409,
    body: '7\n',
  })
})

test('case 18: a resubmission gets a fresh cosignature', () => {
  const answer = ask(request(7, at(7)), storedAt(7))
  expect(answer.status).toBe(200)
  expect(answer.update?.next).toEqual(storedAt(7))
})

test('case 19: a witness without state does not trust an old size', () => {
  const answer = ask(request(3, at(7), growth(3, 7)))
  expect(answer).toEqual({ status: 409, contentType: 'text/x.tlog.size', body: '0\n' })
})

describe('case 23: a witness line in a submitted note', () => {
  test('is not stored when forged', () => {
    const forged = at(7) + cosignedBy(at(3), timeS, [forger]).split('\n\n')[1]?.split('\n')[1]
    const answer = ask(request(0, `${forged}\n`))
    expect(answer.update?.next.note).toBe(at(7))
  })

  test('is not stored when genuine either: only what we verified is', () => {
    expect(ask(request(0, cosignedBy(at(7), timeS))).update?.next.note).toBe(at(7))
  })
})

test('a fault of our own is thrown, not blamed on the log', () => {
  const context = { findLog: () => ({ key: log.key }), cosigner: log, timeS }
  expect(codeOf(() => addCheckpoint(request(0, at(7)), context))).toBe('KEY_TYPE')
  expect(treeOf(0).root()).toEqual(EMPTY_ROOT)
})
