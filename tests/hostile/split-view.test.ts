import { loadOwn } from '@entente/node'
import { formatAddCheckpoint, formatNote, parseNote, verifyCosignatures } from '@entente/tlog'
import { afterAll, beforeAll, expect, test } from 'vitest'
import { createFederation, type Federation } from '../support/federation.ts'
import {
  createHostileSender,
  fragmentOf,
  type HostileSender,
  putOf,
} from '../support/hostile-sender.ts'
import { createRawPartner, type RawPartner } from '../support/raw-partner.ts'
import { openReceiver, refusalOf } from '../support/receiver.ts'
import { livePolicy, openServing, readRows } from '../support/scenario.ts'

// release-log.md cases 12, 13, 17, 19, 20, 23: USA's keys sign two histories, one for each who asks.
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

test('case 13: a receiver refuses another history of the same size, a longer and a shorter one, whatever the quorum', () => {
  using receiver = openReceiver(federation.folder('GBR'), () => atMs)
  const take = (frame: ReturnType<typeof releaseIn>) =>
    receiver.admission.statement(receiver.partner('USA'), frame)
  const [one, other] = [history(), history()]
  take(releaseIn(one, 'first', 0))
  take(releaseIn(one, 'second', 3))
  const before = receiver.state()
  releaseIn(other, 'forged', 0)
  expect(refusalOf(() => take(releaseIn(other, 'forged', 3)))).toBe('CHECKPOINT_FORK')
  expect(refusalOf(() => take(releaseIn(other, 'forged', 4)))).toBe('CONSISTENCY_ROOT_MISMATCH')
  // What was seen at an earlier size counts as well.
  expect(refusalOf(() => take(releaseIn(history(), 'forged', 0)))).toBe('CHECKPOINT_FORK')
  expect(receiver.state()).toEqual(before)
  take(releaseIn(one, 'third', 4))
  expect(receiver.view.search('third', 5)).toHaveLength(1)
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

test('case 12: a witness cosigns one history of a log and keeps the proof when it is shown another', async () => {
  const [one, other] = [history(), history()]
  const first = await submit(one, 0)
  expect(first).toMatch(/^200\n/)
  const cosigned = parseNote(`${one.signedCheckpoint()}${first.slice(4)}`)
  const { key } = loadOwn(federation.folder('GBR')).cosigner
  expect(verifyCosignatures(cosigned, [key])).toHaveLength(1)
  expect(evidence()).toEqual([])

  expect(await submit(other, 2)).toBe('409\n2\n')
  const shown = { stored: one.signedCheckpoint(), submitted: other.signedCheckpoint() }
  expect(evidence()).toEqual([shown])
  expect(stored()).toEqual([{ size: 2, note: one.signedCheckpoint() }])

  // A longer history that does not contain the one cosigned has no proof.
  other.log('pad', { origin: other.origin, at: atMs })
  expect(await submit(other, 2)).toMatch(/^422\n/)
  expect(await submit(other, 0)).toBe('409\n2\n')
  expect(stored()).toEqual([{ size: 2, note: one.signedCheckpoint() }])

  one.log('pad', { origin: one.origin, at: atMs })
  expect(await submit(one, 2)).toMatch(/^200\n/)
  // Asked again because its answer was lost, it cosigns afresh.
  expect(await submit(one, 3)).toMatch(/^200\n/)
  expect(stored()).toEqual([{ size: 3, note: one.signedCheckpoint() }])
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
