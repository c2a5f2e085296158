import { loadOwn, verifyEd25519 } from '@entente/node'
import { provesFork } from '@entente/node/testing'
import { formatAddCheckpoint, formatNote, parseNote, verifyCosignatures } from '@entente/tlog'
import { afterAll, beforeAll, expect, test } from 'vitest'
import { createFederation, type Federation } from '../support/federation.ts'
import {
  createHostileSender,
  dropOf,
  fragmentOf,
  type HostileSender,
  putOf,
} from '../support/hostile-sender.ts'
import { createRawPartner, type RawPartner } from '../support/raw-partner.ts'
import { openReceiver, refusalOf } from '../support/receiver.ts'
import { livePolicy, openServing, readRows } from '../support/scenario.ts'

// USA's keys sign two histories, one for each who asks.
const atMs = Date.now()
let federation: Federation
let usa: RawPartner
beforeAll(async () => {
  federation = createFederation(['AUS', 'GBR', 'USA'])
  await openServing(federation, ['GBR', 'AUS'])
  usa = await createRawPartner(federation, 'USA', 'GBR')
})
afterAll(async () => {
  await usa[Symbol.asyncDispose]()
  await federation[Symbol.asyncDispose]()
})

type Frame = ReturnType<typeof releaseIn>
const history = (): HostileSender => {
  const sender = createHostileSender(federation, 'USA', 'GBR', atMs)
  sender.logPolicy(livePolicy('USA'))
  return sender
}
/** A release of one record, as the history that it is in proves it. */
const releaseIn = (sender: HostileSender, title: string, baseSize: number) => {
  const fragment = fragmentOf('USA', { title })
  const opening = putOf(fragment)
  const statement = sender.log('release', sender.release([opening]))
  sender.follow(statement)
  return sender.frame(statement, { baseSize, openings: [opening], bodies: [fragment] })
}

test.each<[what: string, code: string, show: (of: HostileSender, title: string) => Frame]>([
  [
    'of the same size',
    'CHECKPOINT_FORK',
    (other, title) => {
      releaseIn(other, title, 0)
      return releaseIn(other, title, 3)
    },
  ],
  [
    'that is longer',
    'CONSISTENCY_ROOT_MISMATCH',
    (other, title) => {
      for (let i = 0; i < 2; i++) releaseIn(other, title, 0)
      return releaseIn(other, title, 4)
    },
  ],
  ['of a size seen earlier', 'CHECKPOINT_FORK', (other, title) => releaseIn(other, title, 0)],
])('case 13: a receiver refuses another history %s, whatever the quorum', (_, code, show) => {
  using receiver = openReceiver(federation.folder('GBR'), () => atMs)
  const take = (frame: Frame) => receiver.admission.statement(receiver.partner('USA'), frame)
  const one = history()
  take(releaseIn(one, 'first', 0))
  take(releaseIn(one, 'second', 3))
  const before = receiver.state()
  expect(refusalOf(() => take(show(history(), 'forged')))).toBe(code)
  expect(receiver.state()).toEqual(before)
  // What proves itself is kept, and then neither history goes on; what was only not proven was nobody's word.
  const isProof = code === 'CHECKPOINT_FORK'
  expect(refusalOf(() => take(releaseIn(one, 'third', 4)))).toBe(isProof ? 'ORIGIN_FORKED' : null)
  const evidence = receiver.db.prepare('SELECT stored, submitted FROM fork_evidence').all()
  expect(evidence).toHaveLength(isProof ? 1 : 0)
  for (const { stored, submitted } of evidence) {
    const { log } = receiver.partner('USA')
    expect(provesFork(log, stored as string, submitted as string, verifyEd25519)).toBe(true)
  }
})

test('case 13: what a log with two histories takes back is hidden all the same', () => {
  using receiver = openReceiver(federation.folder('GBR'), () => atMs)
  const take = (frame: Frame) => receiver.admission.statement(receiver.partner('USA'), frame)
  const one = history()
  const first = releaseIn(one, 'first', 0)
  take(first)
  const fork = history()
  expect(refusalOf(() => take(releaseIn(fork, 'forged', 0)))).toBe('CHECKPOINT_FORK')
  expect(receiver.view.search('first', 5)).toHaveLength(1)
  const record = (first.bodies[0] as { head: { id: Parameters<typeof dropOf>[0] } }).head.id
  const drop = dropOf(record)
  const narrow = one.log('release', one.release([drop], { effect: 'narrow' }))
  const frame = one.frame(narrow, { baseSize: 3, openings: [drop], bodies: [null] })
  expect(refusalOf(() => take(frame))).toBe('ORIGIN_FORKED')
  expect(receiver.view.search('first', 5)).toEqual([])
})

const submit = (
  sender: HostileSender,
  oldSize: number,
  change: (note: string) => string = (note) => note,
) => {
  const body = formatAddCheckpoint({
    oldSize,
    proof: oldSize === 0 || oldSize >= sender.size() ? [] : sender.consistency(oldSize),
    checkpoint: change(sender.signedCheckpoint()),
  })
  return usa.witness(`POST /add-checkpoint\n\n${body}`)
}
const stored = () =>
  readRows(
    federation.folder('GBR'),
    "SELECT size, note FROM witnessed WHERE origin LIKE 'usa%'",
  ) as { size: number; note: string }[]
const evidence = () =>
  readRows(federation.folder('GBR'), 'SELECT stored, submitted FROM fork_evidence')

test('case 18: a witness whose answer was lost cosigns again, and goes only forward', async () => {
  const one = history()
  const first = await submit(one, 0)
  expect(first).toMatch(/^200\n/)
  const cosigned = parseNote(`${one.signedCheckpoint()}${first.slice(4)}`)
  const { key } = loadOwn(federation.folder('GBR')).cosigner
  expect(verifyCosignatures(cosigned, [key])).toHaveLength(1)
  expect(stored()).toEqual([{ size: 2, note: one.signedCheckpoint() }])
  const small = one.signedCheckpoint()

  one.log('pad', { origin: one.origin, at: atMs })
  expect(await submit(one, 2)).toMatch(/^200\n/)
  expect(await submit(one, 3)).toMatch(/^200\n/)
  const large = { size: 3, note: one.signedCheckpoint() }
  expect(stored()).toEqual([large])
  // The slower of two requests finds that the state has gone on.
  expect(await submit(one, 2, () => small)).toBe('409\n3\n')
  expect(stored()).toEqual([large])
})

test('case 23: a witness answers only to the key of the log, and keeps no line that is not its', async () => {
  const note = stored()[0]?.note ?? ''
  const aus = createHostileSender(federation, 'AUS', 'GBR', atMs)
  const [, signedByAus] = aus.signedCheckpoint().split('\n\n')
  const underAnotherKey = (text: string) => `${text.split('\n\n')[0]}\n\n${signedByAus}`
  expect(await submit(history(), 3, underAnotherKey)).toMatch(/^403\n/)
  expect(await submit(history(), 3, (text) => text.replace('usa.', 'zzz.'))).toMatch(/^404\n/)
  const { text, signatures } = parseNote(note)
  const forged = [...signatures, ...parseNote(aus.checkpoint()).signatures]
  const checkpoint = formatNote({ text, signatures: forged })
  const body = formatAddCheckpoint({ oldSize: 3, proof: [], checkpoint })
  expect(await usa.witness(`POST /add-checkpoint\n\n${body}`)).toMatch(/^200\n/)
  expect(stored()).toEqual([{ size: 3, note }])
  expect(await usa.witness('POST /add-checkpoint\n\nold x\n')).toMatch(/^400\n/)
})

test('case 12: a witness that is shown another history keeps the proof, and nothing of that log is cosigned any more', async () => {
  const known = stored()
  const other = history()
  other.log('pad', { origin: other.origin, at: atMs })
  expect(evidence()).toEqual([])
  expect(await submit(other, 3)).toBe('409\n3\n')
  const shown = { stored: known[0]?.note, submitted: other.signedCheckpoint() }
  expect(evidence()).toEqual([shown])
  // Neither of the two goes on.
  other.log('pad', { origin: other.origin, at: atMs })
  expect(await submit(other, 3)).toMatch(/^422\n/)
  const checkpoint = known[0]?.note ?? ''
  const again = formatAddCheckpoint({ oldSize: 3, proof: [], checkpoint })
  expect(await usa.witness(`POST /add-checkpoint\n\n${again}`)).toMatch(/^403\n/)
  expect(stored()).toEqual(known)
})
