import { loadOwn, type RunningNode } from '@entente/node'
import { GossipAnswer, gossipProtocol } from '@entente/node/testing'
import { formatAddCheckpoint, formatNote, parseNote, signCheckpoint } from '@entente/tlog'
import { afterAll, beforeAll, expect, test } from 'vitest'
import { createFederation, eventually, type Federation } from '../support/federation.ts'
import { createHostileSender, type HostileSender } from '../support/hostile-sender.ts'
import { createRawPartner, type RawPartner } from '../support/raw-partner.ts'
import { livePolicy, openServing, readRows, stateOf } from '../support/scenario.ts'

// USA's keys show one history of its log to GBR and another to AUS.
const atMs = Date.now()
let federation: Federation
let gbr: RunningNode
let aus: RunningNode
let toGbr: RawPartner
let toAus: RawPartner
beforeAll(async () => {
  federation = createFederation(['AUS', 'GBR', 'NOR', 'USA'])
  ;[gbr, aus] = (await openServing(federation, ['GBR', 'AUS', 'NOR'])) as [RunningNode, RunningNode]
  toGbr = await createRawPartner(federation, 'USA', 'GBR')
  toAus = await createRawPartner(federation, 'USA', 'AUS')
})
afterAll(async () => {
  await toGbr[Symbol.asyncDispose]()
  await toAus[Symbol.asyncDispose]()
  await federation[Symbol.asyncDispose]()
})

const history = (): HostileSender => {
  const sender = createHostileSender(federation, 'USA', 'GBR', atMs)
  sender.logPolicy(livePolicy('USA'))
  return sender
}
const submit = (to: RawPartner, sender: HostileSender, oldSize = 0) => {
  const proof = oldSize === 0 || oldSize >= sender.size() ? [] : sender.consistency(oldSize)
  const checkpoint = sender.signedCheckpoint()
  const body = formatAddCheckpoint({ oldSize, proof, checkpoint })
  return to.witness(`POST /add-checkpoint\n\n${body}`)
}
const evidenceAt = (nation: 'AUS' | 'GBR' | 'NOR') =>
  readRows(federation.folder(nation), 'SELECT origin, stored, submitted FROM fork_evidence')

test('case 12: a fork shown to two witnesses is found by gossip, kept by both, and believed by a third on its own proof', async () => {
  const [one, other] = [history(), history()]
  expect(await submit(toGbr, one)).toMatch(/^200\n/)
  await eventually(
    'AUS has heard of it',
    () =>
      readRows(federation.folder('AUS'), "SELECT 1 FROM seen_checkpoint WHERE origin LIKE 'usa%'")
        .length === 1,
  )
  // Even before it is cosigned twice: what was heard counts as what was cosigned.
  expect(await submit(toAus, other)).toMatch(/^403\nusa.* has signed two histories/)
  const notes = [one.signedCheckpoint(), other.signedCheckpoint()].sort()
  for (const nation of ['AUS', 'GBR', 'NOR'] as const) {
    await eventually(`${nation} has the proof`, () => evidenceAt(nation).length === 1)
    const [row] = evidenceAt(nation)
    expect([row?.['stored'], row?.['submitted']].sort(), nation).toEqual(notes)
  }
  one.log('pad', { origin: one.origin, at: atMs })
  expect(await submit(toGbr, one, 2)).toMatch(/^403\n/)

  for (const node of [gbr, aus]) {
    const [found, ...more] = await node.logEvidence()
    expect(more).toEqual([])
    expect(found).toMatchObject({ nation: 'USA', size: 2 })
    expect([found?.first, found?.second].sort()).toEqual(notes)
    const { partners } = await node.status()
    expect(partners.find(({ nation }) => nation === 'USA')?.words).toContain('two histories')
  }
})

test('a log that goes on to sign histories adds nothing to what is kept of it and told', async () => {
  for (let i = 0; i < 3; i++) expect(await submit(toGbr, history(), 2)).toMatch(/^409\n2\n/)
  expect(evidenceAt('GBR')).toHaveLength(1)
  expect(await gbr.logEvidence()).toHaveLength(1)
})

test('a node that is shown two histories under its own key is frozen, and so it is when it is started again', async () => {
  await using own = createFederation(['GBR', 'USA'])
  const [one, other] = [1, 2].map(() => createHostileSender(own, 'USA', 'GBR', atMs))
  const first = one?.signedCheckpoint()
  const usa = await own.open('USA', { alone: true })
  await using raw = await createRawPartner(own, 'GBR', 'USA')
  const tell = (second: string | undefined) =>
    raw.answersTo(gossipProtocol, {
      t: 'seen',
      policy: own.roster.witnessPolicy.number,
      at: atMs,
      checkpoints: [],
      forks: [{ first, second }],
    })
  // One history twice proves nothing.
  await tell(first)
  expect(await stateOf(usa)).toBe('serving')
  await tell(other?.signedCheckpoint())
  expect(await stateOf(usa)).toBe('frozen')
  await usa[Symbol.asyncDispose]()
  const again = await own.open('USA', { alone: true })
  expect(await stateOf(again)).toBe('frozen')
  expect((await again.status()).words).toContain('Retire it')
  await again[Symbol.asyncDispose]()
})

test('what a partner puts beside a checkpoint of another log is not told on, and of one log two are heard at a time', async () => {
  await using three = createFederation(['AUS', 'GBR', 'USA'])
  const usa = await three.open('USA', { alone: true })
  const { logSigner, config } = loadOwn(three.folder('AUS'))
  await using raw = await createRawPartner(three, 'GBR', 'USA')
  const noteOf = (size: number, root: number) =>
    signCheckpoint({ origin: config.origin, size, root: new Uint8Array(32).fill(root) }, logSigner)
  const tell = async (...checkpoints: string[]) => {
    const policy = three.roster.witnessPolicy.number
    const seen = { t: 'seen', policy, at: Date.now(), checkpoints, forks: [] }
    const [answer] = await raw.answersTo(gossipProtocol, seen)
    return GossipAnswer.parse(answer) as Extract<GossipAnswer, { t: 'seen' }>
  }
  const { text, signatures } = parseNote(noteOf(1_000, 1))
  const other = { name: 'somebody.example', keyId: '00000000', signature: new Uint8Array(600) }
  await tell(formatNote({ text, signatures: [...signatures, ...Array(40).fill(other)] }))
  expect((await tell()).checkpoints).toEqual([noteOf(1_000, 1)])

  await tell(noteOf(1_001, 1), noteOf(1_002, 1), noteOf(1_000, 2))
  expect(await usa.logEvidence()).toEqual([])
  await tell(noteOf(1_000, 2))
  const [found] = await usa.logEvidence()
  expect(found).toMatchObject({ nation: 'AUS', size: 1_000 })
  expect((await tell()).forks).toEqual([{ first: noteOf(1_000, 1), second: noteOf(1_000, 2) }])
  await usa[Symbol.asyncDispose]()
})
