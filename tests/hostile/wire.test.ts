import type { RunningNode } from '@entente/node'
import { afterAll, beforeAll, beforeEach, expect, test } from 'vitest'
import { checkFeeds } from '../support/check-log.ts'
import { createFederation, eventually, type Federation } from '../support/federation.ts'
import {
  capability,
  heldOnBothSides,
  inSync,
  livePolicy,
  openServing,
  readRows,
  refusals,
} from '../support/scenario.ts'
import { watch } from '../support/watched-transport.ts'

// Real nodes, and on the way from USA to GBR a frame is changed: what a broken sender or a bad memory would do.
let federation: Federation
let usa: RunningNode
let gbr: RunningNode
let aus: RunningNode
/** What happens to each frame that arrives at GBR. */
let change: (text: string) => string = (text) => text

beforeAll(async () => {
  federation = createFederation(['AUS', 'GBR', 'USA'])
  const wire = watch(federation.folder('GBR'), (text) => change(text))
  ;[usa, gbr, aus] = (await openServing(federation, ['USA', 'GBR', 'AUS'], (nation) =>
    nation === 'GBR' ? { transport: wire.transport } : {},
  )) as [RunningNode, RunningNode, RunningNode]
  await usa.policyInstall(federation.sign('USA', livePolicy('USA')))
  for (const node of [gbr, aus])
    await node.subscribe({ dataset: 'production', from: 'USA', action: 'subscribe' })
  await release('before')
})
afterAll(() => federation[Symbol.asyncDispose]())
beforeEach(() => {
  change = (text) => text
})

const release = async (title: string) => {
  const record = await usa.recordAdd(capability({ title }))
  await eventually(`AUS has ${title}`, async () => (await aus.search({ text: title }))[0])
  return record
}
const arrives = (title: string) =>
  eventually(`GBR has ${title}`, async () => (await gbr.search({ text: title }))[0])
const once = (changed: (text: string) => string, where: string) => {
  let done = false
  change = (text) => {
    if (done || !text.includes(where)) return text
    done = true
    return changed(text)
  }
}
const codes = () => refusals(federation.folder('GBR')).map(({ code }) => code)

test.each<[part: string, where: string, changed: (text: string) => string, code: string]>([
  [
    'a value',
    '"flipped 1"',
    (text) => text.replace('"flipped 1"', '"flippee 1"'),
    'DISCLOSURE_DIGEST',
  ],
  [
    'an opening',
    '"flipped 2"',
    (text) => text.replace('"op":"put","record"', '"op":"drop","record"'),
    'FRAME',
  ],
  [
    'a salt',
    '"flipped 3"',
    (text) => text.replace(/"salt":"(.)/, (_, c) => `"salt":"${c === '0' ? '1' : '0'}`),
    'INCLUSION_ROOT_MISMATCH',
  ],
  [
    'a signature',
    '"flipped 4"',
    (text) => text.replace(/.{8}","salt"/, 'AAAAAAAA","salt"'),
    'JWS_SIGNATURE',
  ],
  [
    'a cosignature',
    '"flipped 5"',
    (text) => text.replace(/.{6}\\n","base"/, 'AAAAA=\\n","base"'),
    'COSIGNATURE_INVALID',
  ],
  ['the frame', '"flipped 6"', () => '['.repeat(100_000), 'FRAME'],
])(
  '%s changed once on the way: refused, asked for again, and admitted',
  async (_, where, changed, code) => {
    const title = where.replaceAll('"', '')
    const before = codes().length
    once(changed, where)
    await release(title)
    await arrives(title)
    await inSync(usa, 'GBR')
    if (code !== 'FRAME') expect(codes().slice(before)).toEqual([code])
    expect(readRows(federation.folder('GBR'), 'SELECT * FROM quarantine')).toEqual([])
    const { sent, received } = heldOnBothSides(federation, 'USA', 'GBR')
    expect(received).toEqual(sent)
    checkFeeds(federation, 'USA', 'GBR')
  },
)

test('a body that is never right keeps to itself: others are admitted, and a drop ends the matter', async () => {
  change = (text) => text.replaceAll('"always wrong"', '"always wrung"')
  const bad = await release('always wrong')
  await release('quite right')
  await arrives('quite right')
  const [quarantined] = readRows(federation.folder('GBR'), 'SELECT record, code FROM quarantine')
  expect(quarantined).toEqual({ record: bad.id, code: 'DISCLOSURE_DIGEST' })
  expect(await gbr.search({ text: 'wrong' })).toEqual([])
  const partner = (await usa.status()).partners.find(({ nation }) => nation === 'GBR')
  expect(partner).toMatchObject({ inSync: false, sent: { refused: 1 } })
  await inSync(usa, 'AUS')

  await usa.recordWithdraw({ id: bad.id, author: 'analyst', reason: 'cannot be delivered' })
  await inSync(usa, 'GBR')
  expect(readRows(federation.folder('GBR'), 'SELECT * FROM quarantine')).toEqual([])
})
