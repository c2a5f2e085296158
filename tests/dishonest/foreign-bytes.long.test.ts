import type { RunningNode } from '@entente/node'
import { connectControl, serveControl } from '@entente/node'
import { feedProtocol } from '@entente/node/testing'
import { peekJws } from '@entente/schema'
import { afterAll, beforeAll, expect, test } from 'vitest'
import { newWord } from '../canary/canary.ts'
import { findAll, folderEvidence, textEvidence } from '../support/evidence.ts'
import { createFederation, eventually, type Federation } from '../support/federation.ts'
import { fragmentOf, putOf } from '../support/hostile-sender.ts'
import { type CapturedFrame, recordingTransport } from '../support/recording-transport.ts'
import {
  capability,
  inSync,
  livePolicy,
  openServing,
  readRows,
  refusals,
} from '../support/scenario.ts'
import { createDishonestNode } from './dishonest-node.ts'

/** What a node writes for its operators. */
const journalOf = (folder: string) =>
  [...folderEvidence(folder)].filter(({ place }) => place === 'journal.jsonl')

test('case 36: what one nation has said to another is in no journal, error, acknowledgement or gossip', async () => {
  await using federation = createFederation(['AUS', 'GBR', 'USA'])
  const frames: CapturedFrame[] = []
  const [gbr, usa] = (await openServing(federation, ['GBR', 'USA', 'AUS'], (nation) => ({
    transport: recordingTransport(federation.folder(nation), (frame) => {
      if (nation === 'GBR' && frame.direction === 'out') frames.push(frame)
    }),
  }))) as [RunningNode, RunningNode]
  await usa.policyInstall(federation.sign('USA', livePolicy('USA')))
  await gbr.subscribe({ dataset: 'production', from: 'USA', action: 'subscribe' })
  const [title, supplier] = [newWord(), newWord()]
  const { id } = await usa.recordAdd(capability({ title, supplier }))
  await eventually('GBR has it', async () => (await gbr.search({ text: title }))[0])
  await inSync(usa, 'GBR')
  await inSync(gbr, 'AUS')

  const statements = readRows(
    federation.folder('GBR'),
    "SELECT * FROM statement_in WHERE sender = 'USA'",
  )
  expect(statements.length).toBeGreaterThan(0)
  const openings = readRows(federation.folder('USA'), 'SELECT opening, digest FROM entry_out')
  /** The parts of what the USA said by which it could be known again or guessed at. */
  const parts = statements.flatMap(({ jws, salt }) => [
    ...(jws as string).split('.').slice(1),
    Buffer.from(salt as Uint8Array).toString('hex'),
    Buffer.from(salt as Uint8Array).toString('base64'),
    Buffer.from(salt as Uint8Array).toString('latin1'),
  ])
  parts.push(title, supplier, id.slice('urn:entente:'.length))
  parts.push(
    ...openings.flatMap(({ opening, digest }) => [JSON.parse(opening as string)[0], digest]),
  )

  const socket = `${federation.root}/gbr.sock`
  await using _served = await serveControl(gbr, socket)
  const remote = await connectControl(socket)
  const errors = await Promise.all(
    [
      remote?.run({ plan: 'none' }),
      remote?.recordShow(`urn:entente:${'0'.repeat(32)}`),
      remote?.recordWithdraw({ id, author: 'a', reason: 'b' }),
      remote?.why({ record: id, nation: 'AUS' }),
    ].map((asked) => asked?.then(() => 'answered', String)),
  )
  const acknowledgements = readRows(federation.folder('GBR'), 'SELECT jws FROM ack_given').map(
    ({ jws }) => textEvidence('acknowledgement', jws, peekJws(jws as string).payload),
  )
  const gossip = frames
    .filter(({ partner, protocol }) => partner === 'AUS' || protocol !== feedProtocol)
    .map(({ protocol, bytes }) => ({ place: protocol, bytes }))
  expect(acknowledgements.length).toBeGreaterThan(0)
  expect(new Set(gossip.map(({ place }) => place)).size).toBeGreaterThan(1)
  const said = [
    ...journalOf(federation.folder('GBR')),
    ...acknowledgements,
    ...gossip,
    textEvidence('status', await gbr.status()),
  ]
  expect(findAll(said, parts as string[])).toEqual([])
  // An error repeats the id that was asked for, and no more.
  const asked = id.slice('urn:entente:'.length)
  const inErrors = findAll([textEvidence('errors', ...errors)], parts as string[])
  expect(inErrors.filter(({ needle }) => needle !== asked)).toEqual([])
  // AUS, which is told nothing of it, cannot even tell that something was said.
  const hashes = statements.flatMap(({ feed }) => [feed as string])
  expect(
    findAll(
      [
        ...gossip.filter(({ place }) => place === feedProtocol),
        ...folderEvidence(federation.folder('AUS')),
      ],
      [...(parts as string[]), ...hashes],
    ),
  ).toEqual([])
  // The search is not blind: GBR's own database has it all.
  expect(
    findAll(folderEvidence(federation.folder('GBR')), [title, supplier]).length,
  ).toBeGreaterThan(1)
})

let federation: Federation
beforeAll(() => {
  federation = createFederation(['AUS', 'GBR', 'USA'])
})
afterAll(() => federation[Symbol.asyncDispose]())

test('case 36: what a statement says that is refused is not in the journal either', async () => {
  const gbr = await federation.open('GBR', { alone: true })
  await using usa = await createDishonestNode(federation, 'USA', 'GBR')
  const { sender, say } = usa
  sender.logPolicy(livePolicy('USA'))
  const word = newWord()
  const changes: object[] = [
    { origin: `${word}.example/release-log/1` },
    { dataset: word },
    { [word]: 1 },
    { effect: word },
    { inputs: word },
    { note: word },
    { at: word },
  ]
  const told = (change: object) => {
    const fragment = fragmentOf('USA', { title: word })
    const opening = putOf(fragment)
    return { fragment, opening, payload: { ...sender.release([opening]), ...change } }
  }
  // One honest release, so that there is a feed to stray from.
  const first = told({})
  const logged = sender.log('release', first.payload)
  sender.follow(logged)
  say((baseSize) =>
    sender.frame(logged, { baseSize, openings: [first.opening], bodies: [first.fragment] }),
  )
  await eventually('GBR has it', () => usa.acknowledgements.length > 0)
  const noted = () => refusals(federation.folder('GBR')).length
  for (const change of changes) {
    const before = noted()
    say((baseSize) => {
      const { fragment, opening, payload } = told(change)
      return sender.frame(sender.log('release', payload), {
        baseSize,
        openings: [opening],
        bodies: [fragment],
      })
    })
    await eventually(`GBR refuses ${JSON.stringify(change)}`, () => noted() > before, 40_000)
    // Its next word is awaited for ever longer after each refusal: an honest one between.
    const next = told({})
    const good = sender.log('release', next.payload)
    sender.follow(good)
    const words = new Set(usa.acknowledgements).size
    say((baseSize) =>
      sender.frame(good, { baseSize, openings: [next.opening], bodies: [next.fragment] }),
    )
    await eventually('GBR has the next', () => new Set(usa.acknowledgements).size > words)
  }
  const body = told({})
  const withBody = sender.log('release', body.payload)
  const before = noted()
  say((baseSize) =>
    sender.frame(withBody, {
      baseSize,
      openings: [body.opening],
      bodies: [{ ...body.fragment, [word]: word }],
    }),
  )
  await eventually('GBR refuses the body', () => noted() > before)
  const said = [...journalOf(federation.folder('GBR')), textEvidence('status', await gbr.status())]
  expect(findAll(said, [word]).map(({ place }) => place)).toEqual([])
})
