import { randomBytes } from 'node:crypto'
import type { RunningNode } from '@entente/node'
import {
  controlProtocol,
  feedProtocol,
  TransportError,
  witnessProtocol,
} from '@entente/node/testing'
import { utf8 } from '@entente/schema'
import { afterAll, beforeAll, expect, test } from 'vitest'
import { createFederation, eventually, type Federation } from '../support/federation.ts'
import { createRawPartner, type RawPartner } from '../support/raw-partner.ts'
import {
  capability,
  inSync,
  livePolicy,
  onlyFor,
  openServing,
  readRows,
  refusals,
} from '../support/scenario.ts'

// release-log.md case 33. AUS is a listed partner whose node has been taken over: its key, another program.
let federation: Federation
let usa: RunningNode
let gbr: RunningNode
let attacker: RawPartner
const fedToGbr = { feed: '', seq: 0, entry: '' }

beforeAll(async () => {
  federation = createFederation(['AUS', 'GBR', 'USA'])
  ;[usa, gbr] = (await openServing(federation, ['USA', 'GBR'])) as [RunningNode, RunningNode]
  await usa.policyInstall(federation.sign('USA', livePolicy('USA')))
  await gbr.subscribe({ dataset: 'production', from: 'USA', action: 'subscribe' })
  await usa.recordAdd(capability({ title: 'for GBR' }, { title: onlyFor('GBR') }))
  await eventually('GBR has it', async () => (await gbr.search({ text: 'GBR' }))[0])
  const [row] = readRows(federation.folder('USA'), 'SELECT feed, seq, digest FROM entry_out')
  Object.assign(fedToGbr, { feed: row?.['feed'], seq: row?.['seq'], entry: row?.['digest'] })
  attacker = await createRawPartner(federation, 'AUS', 'USA')
})
afterAll(async () => {
  await attacker[Symbol.asyncDispose]()
  await federation[Symbol.asyncDispose]()
})

const open = (protocol: string) => attacker.open(protocol)
const answersTo: RawPartner['answersTo'] = (...said) => attacker.answersTo(...said)
const resume = (feeds: unknown[] = []) => ({ t: 'resume', checkpoint: null, feeds })
const others = async () => {
  const { log } = await usa.status()
  expect(log.published).toBe(log.size)
  await inSync(usa, 'GBR', 5_000)
}

test('a peer that the roster does not name gets no connection', async () => {
  const seed = new Uint8Array(randomBytes(32))
  await using stranger = await createRawPartner(federation, 'AUS', 'USA', seed)
  for (const protocol of [feedProtocol, controlProtocol, witnessProtocol])
    await expect(stranger.open(protocol)).rejects.toBeInstanceOf(TransportError)
  expect(stranger.transport.connected()).toEqual([])
})

test('a partner cannot read the feed of another, nor tell it from one that does not exist', async () => {
  const { feed, seq, entry } = fedToGbr
  const nobody = 'A'.repeat(43)
  const empty = [{ t: 'resumed' }]
  for (const protocol of [feedProtocol, controlProtocol]) {
    expect(await answersTo(protocol, resume())).toEqual(empty)
    expect(await answersTo(protocol, resume([{ feed, seq, hash: feed }]))).toEqual(empty)
    expect(await answersTo(protocol, resume([{ feed: nobody, seq, hash: nobody }]))).toEqual(empty)
    expect(await answersTo(protocol, resume(), { t: 'again', feed, seq, entry })).toEqual(empty)
    expect(
      await answersTo(protocol, resume(), { t: 'again', feed: nobody, seq, entry: nobody }),
    ).toEqual(empty)
  }
  await others()
})

test('a witness is asked about logs that it does not know in vain', async () => {
  const request = `GET /${'0'.repeat(64)}/checkpoint\n`
  expect(await attacker.witness(request)).toBe('404\nunknown log\n')
})

test('an acknowledgement in the name of another changes nothing', async () => {
  const [given] = readRows(
    federation.folder('GBR'),
    "SELECT ack_given.jws AS jws FROM ack_given JOIN feed_in USING (feed) WHERE dataset <> ''",
  )
  const before = readRows(federation.folder('USA'), 'SELECT * FROM ack_received ORDER BY feed')
  for (const jws of [given?.['jws'], 'a.b.c', ''])
    expect(await answersTo(feedProtocol, { t: 'ack', jws })).toEqual([])
  expect(readRows(federation.folder('USA'), 'SELECT * FROM ack_received ORDER BY feed')).toEqual(
    before,
  )
  await others()
})

test.each<[name: string, frame: Uint8Array]>([
  ['no JSON', utf8('\u0000\u0001\u0002')],
  ['invalid UTF-8', Uint8Array.of(0xff, 0xfe, 0xc0, 0xaf)],
  ['an empty frame', new Uint8Array(0)],
  ['an unknown frame', utf8('{"t":"give-me-everything"}')],
  ['a frame with a field too many', utf8(JSON.stringify({ ...resume(), as: 'GBR' }))],
  ['a prototype in its place', utf8('{"__proto__":{"t":"resume"},"t":"resume"}')],
  ['JSON nested a million deep', utf8('['.repeat(1_000_000))],
  [
    'a feed list without end',
    utf8(
      JSON.stringify(
        resume(
          Array.from({ length: 1_025 }, () => ({
            feed: 'A'.repeat(43),
            seq: 0,
            hash: 'A'.repeat(43),
          })),
        ),
      ),
    ),
  ],
  ['eight megabytes of nothing', new Uint8Array(8 * 1024 * 1024).fill(0x20)],
])('%s ends its own channel and nothing else', async (_, frame) => {
  for (const protocol of [feedProtocol, controlProtocol]) {
    await using channel = await open(protocol)
    await channel.send(frame).catch(() => {})
    const read = async () => {
      for await (const _frame of channel.frames);
    }
    await expect(read()).rejects.toMatchObject({ code: 'CHANNEL_RESET' })
  }
  await others()
})

test('a frame above the limit is refused by its first four bytes', async () => {
  await using channel = await open(feedProtocol)
  channel.send(new Uint8Array(16 * 1024 * 1024)).catch(() => {})
  const read = async () => {
    for await (const _frame of channel.frames);
  }
  await expect(read()).rejects.toMatchObject({ code: 'CHANNEL_RESET' })
  await others()
})

test('a partner that claims to hold another history of our log is told nothing and written down', async () => {
  const checkpoint = { size: 2, root: Buffer.alloc(32, 7).toString('base64') }
  expect(await answersTo(feedProtocol, { t: 'resume', checkpoint, feeds: [] })).toEqual([])
  const future = { size: 1_000_000, root: checkpoint.root }
  expect(await answersTo(feedProtocol, { t: 'resume', checkpoint: future, feeds: [] })).toEqual([])
  expect(
    refusals(federation.folder('USA')).filter(({ code }) => code === 'FOREIGN_HEAD'),
  ).toHaveLength(2)
  await others()
})
