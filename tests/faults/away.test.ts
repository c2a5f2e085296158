import type { RunningNode } from '@entente/node'
import { expect, test } from 'vitest'
import { checkFeeds, checkLog } from '../support/check-log.ts'
import { createFederation, eventually, type Federation } from '../support/federation.ts'
import {
  capability,
  heldOnBothSides,
  inSync,
  livePolicy,
  onlyFor,
  openServing,
  readRows,
  secret,
} from '../support/scenario.ts'
import { fedBy, watch } from '../support/watched-transport.ts'

const by = { author: 'analyst', reason: 'a test of faults' }
const peerIdOf = (node: RunningNode) => node.addresses()[0]?.split('/p2p/')[1] ?? ''
const published = (node: RunningNode) =>
  eventually('published', async () => {
    const { log } = await node.status()
    return log.published === log.size
  })

async function subscribed(federation: Federation, usa: RunningNode, ...nodes: RunningNode[]) {
  await usa.policyInstall(federation.sign('USA', livePolicy('USA')))
  for (const node of nodes)
    await node.subscribe({ dataset: 'production', from: 'USA', action: 'subscribe' })
}

test('case 41: what is put and then dropped while the partner is away is never served, and never named', async () => {
  // release-log.md case 41
  await using federation = createFederation(['AUS', 'GBR', 'USA'])
  const [usa, gbr] = (await openServing(federation, ['USA', 'GBR', 'AUS'])) as [
    RunningNode,
    RunningNode,
  ]
  await subscribed(federation, usa, gbr)
  const kept = await usa.recordAdd(capability({ title: 'kept', description: 'seen before' }))
  const lost = await usa.recordAdd(capability({ title: 'seen before and lost' }))
  await eventually(
    'GBR sees both',
    async () => (await gbr.search({ text: 'seen before' })).length === 2,
  )
  await inSync(usa, 'GBR')
  await gbr[Symbol.asyncDispose]()

  const canary = 'never meant to leave 7f3a'
  const passing = await usa.recordAdd(capability({ title: canary }))
  await usa.recordEdit({ id: kept.id, set: { description: { value: canary } }, ...by })
  await eventually(
    'both are put',
    () => readRows(federation.folder('USA'), 'SELECT DISTINCT record FROM entry_out').length === 3,
  )
  await published(usa)
  await usa.recordWithdraw({ id: passing.id, ...by })
  await usa.recordWithdraw({ id: lost.id, ...by })
  await usa.recordEdit({
    id: kept.id,
    set: { description: { value: 'harmless', label: secret } },
    ...by,
  })
  await eventually(
    'all is dropped',
    () => heldOnBothSides(federation, 'USA', 'GBR').sent.length === 1,
  )
  await published(usa)

  const wire = watch(federation.folder('GBR'))
  const returned = await federation.open('GBR', { transport: wire.transport })
  await inSync(usa, 'GBR')
  const frames = fedBy(wire, peerIdOf(usa))
  const bodies = frames.flatMap((frame) => frame.bodies ?? []).filter((body) => body !== null)
  const named = frames
    .flatMap((frame) => frame.openings ?? [])
    .map(([, { op, record }]) => `${op} ${record}`)
  // Of the record that passed by nothing is told, not even its id; of the other only what it is now.
  expect(JSON.stringify(frames)).not.toContain(passing.id)
  expect(JSON.stringify(frames)).not.toContain(canary)
  expect(JSON.stringify(bodies)).not.toContain(canary)
  expect(new Set(named)).toEqual(new Set([`drop ${kept.id}`, `put ${kept.id}`, `drop ${lost.id}`]))
  expect(await returned.search({ text: 'seen before' })).toEqual([])
  expect(Object.keys((await returned.recordShow(kept.id)).fields)).toEqual(['title'])
  const { sent, received } = heldOnBothSides(federation, 'USA', 'GBR')
  expect(received).toEqual(sent)
  const [ack] = readRows(
    federation.folder('USA'),
    "SELECT refused, unopened FROM ack_received JOIN feed_out USING (feed) WHERE dataset <> ''",
  )
  // Two puts that had been overtaken, and the drop of a record that never arrived.
  expect(ack).toEqual({ refused: 0, unopened: 3 })
  checkFeeds(federation, 'USA', 'GBR')
  checkLog(federation, 'USA')
})

test('case 51: three nations, one away: the other two go on, and it catches up', async () => {
  // release-log.md case 51
  await using federation = createFederation(['AUS', 'GBR', 'USA'])
  const [usa, gbr, aus] = (await openServing(federation, [
    'USA',
    'GBR',
    'AUS',
  ])) as RunningNode[] as [RunningNode, RunningNode, RunningNode]
  await subscribed(federation, usa, gbr, aus)
  await inSync(gbr, 'USA')
  await gbr[Symbol.asyncDispose]()
  for (let i = 0; i < 5; i++) await usa.recordAdd(capability({ title: `while away ${i}` }))
  await eventually(
    'AUS sees all',
    async () => (await aus.search({ text: 'while away' })).length === 5,
  )
  const back = await federation.open('GBR')
  await eventually(
    'GBR sees all',
    async () => (await back.search({ text: 'while away' })).length === 5,
  )
  await inSync(usa, 'GBR')
  expect(heldOnBothSides(federation, 'USA', 'GBR').received).toEqual(
    heldOnBothSides(federation, 'USA', 'AUS').received,
  )
})

test('case 42: a field released to one nation alone changes nothing that another can observe', async () => {
  // release-log.md case 42
  await using federation = createFederation(['AUS', 'GBR', 'USA'])
  const wire = watch(federation.folder('GBR'))
  const [usa, gbr, aus] = (await openServing(federation, ['USA', 'GBR', 'AUS'], (nation) =>
    nation === 'GBR' ? { transport: wire.transport } : {},
  )) as RunningNode[] as [RunningNode, RunningNode, RunningNode]
  await subscribed(federation, usa, gbr, aus)
  const before = await usa.recordAdd(capability({ title: 'record 1', description: 'open to all' }))
  for (const node of [gbr, aus])
    await eventually('it has the first', async () => (await node.search({ text: 'record 1' }))[0])
  await inSync(usa, 'GBR')
  await inSync(usa, 'AUS')
  const feedTo = (nation: string) =>
    readRows(
      federation.folder('USA'),
      "SELECT feed, seq, last FROM feed_out WHERE recipient = ? AND dataset <> ''",
      nation,
    )
  const heldBy = (nation: string) =>
    readRows(
      federation.folder('USA'),
      'SELECT record, digest, fields FROM held WHERE recipient = ?',
      nation,
    )
  const [feed, held] = [feedTo('GBR'), heldBy('GBR')]
  const seen = fedBy(wire, peerIdOf(usa)).length

  await usa.recordEdit({
    id: before.id,
    set: { domain: { value: 'for AUS alone', label: onlyFor('AUS') } },
    ...by,
  })
  await usa.recordAdd(capability({ title: 'only AUS knows' }, { title: onlyFor('AUS') }))
  await eventually('AUS has both', async () => (await aus.search({ text: 'AUS' })).length === 2)
  await inSync(usa, 'GBR')
  expect(feedTo('GBR')).toEqual(feed)
  expect(heldBy('GBR')).toEqual(held)
  // The log has grown: that much anybody may see, and a proof of it is all that came.
  expect(
    new Set(
      fedBy(wire, peerIdOf(usa))
        .slice(seen)
        .map(({ t }) => t),
    ),
  ).toEqual(new Set(['head']))

  await usa.recordAdd(capability({ title: 'record 2', description: 'open to all' }))
  await eventually(
    'GBR has the next',
    async () => (await gbr.search({ text: 'record 2' })).length === 1,
  )
  const statements = fedBy(wire, peerIdOf(usa)).filter(({ t }) => t === 'statement')
  expect(statements).toHaveLength(2)
  // The next statement is as long as the one before, but for where it stands in feed and log.
  const shapes = statements.map(({ jws, openings, bodies }) =>
    shapeOf([payloadOf(jws), openings, bodies]),
  )
  expect(shapes[1]).toEqual(shapes[0])
})

test('case 42: an edition that lets one nation have a field more moves the policy index of the others, and nothing else', async () => {
  await using federation = createFederation(['AUS', 'GBR', 'USA'])
  const wire = watch(federation.folder('GBR'))
  const [usa, gbr, aus] = (await openServing(federation, ['USA', 'GBR', 'AUS'], (nation) =>
    nation === 'GBR' ? { transport: wire.transport } : {},
  )) as RunningNode[] as [RunningNode, RunningNode, RunningNode]
  await usa.policyInstall(federation.sign('USA', titles(1, false)))
  for (const node of [gbr, aus])
    await node.subscribe({ dataset: 'production', from: 'USA', action: 'subscribe' })
  await usa.recordAdd(capability({ title: 'record 1', description: 'told AUS later' }))
  for (const node of [gbr, aus])
    await eventually('it has the first', async () => (await node.search({ text: 'record 1' }))[0])
  await inSync(usa, 'GBR')
  const ofGbr = () => [
    readRows(
      federation.folder('USA'),
      "SELECT feed, seq, last FROM feed_out WHERE recipient = 'GBR'",
    ),
    readRows(
      federation.folder('USA'),
      "SELECT record, digest, fields FROM held WHERE recipient = 'GBR'",
    ),
    readRows(federation.folder('GBR'), 'SELECT feed, record, digest, json FROM held_in'),
  ]
  const before = ofGbr()
  const seen = fedBy(wire, peerIdOf(usa)).length

  await usa.policyInstall(federation.sign('USA', titles(2, true)))
  await eventually('AUS is told', async () => (await aus.search({ text: 'told' })).length === 1)
  await inSync(usa, 'AUS')
  await inSync(usa, 'GBR')
  expect(ofGbr()).toEqual(before)
  const since = fedBy(wire, peerIdOf(usa)).slice(seen)
  expect(new Set(since.map(({ t }) => t))).toEqual(new Set(['head']))

  await usa.recordAdd(capability({ title: 'record 2', description: 'told AUS at once' }))
  await eventually('GBR has it', async () => (await gbr.search({ text: 'record 2' })).length === 1)
  const statements = fedBy(wire, peerIdOf(usa)).filter(({ t }) => t === 'statement')
  expect(statements).toHaveLength(2)
  const [first, second] = statements.map(({ jws, openings, bodies }) =>
    shapeOf([payloadOf(jws), openings, bodies]),
  )
  expect(second).toEqual(first)
  const [old = 0, now = 0] = statements.map(
    ({ jws }) => (payloadOf(jws) as { policy: number }).policy,
  )
  expect(now).toBeGreaterThan(old)
})

/** Titles go to all, descriptions to AUS if told so. */
const titles = (edition: number, told: boolean) => {
  const rule = (id: string, nations: string[], field: string) => ({
    id,
    match: {
      recipient: { in: nations },
      kind: { in: ['capability'] },
      field: { in: [field] },
    },
    effect: 'permit',
    reasonCode: id,
    authority: 'Exercise arrangement',
  })
  return {
    ...(livePolicy('USA', edition) as object),
    rules: [
      rule('titles', ['AUS', 'GBR'], 'title'),
      ...(told ? [rule('descriptions', ['AUS'], 'description')] : []),
    ],
    tests: [],
  }
}

const payloadOf = (jws = '') => {
  const {
    feed: _f,
    prev: _p,
    seq: _s,
    ...rest
  } = JSON.parse(Buffer.from(jws.split('.')[1] ?? '', 'base64url').toString())
  return rest as unknown
}
/** Every string by its length and every number by being one. */
const shapeOf = (value: unknown) =>
  JSON.parse(JSON.stringify(value), (_, part: unknown) =>
    typeof part === 'string' ? part.length : typeof part === 'number' ? 0 : part,
  ) as unknown
