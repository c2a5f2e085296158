import { join } from 'node:path'
import { type RunningNode, readSigner } from '@entente/node'
import type { Nation } from '@entente/schema'
import { expect, test, vi } from 'vitest'
import { newWord } from '../canary/canary.ts'
import { checkFeeds, checkLog } from '../support/check-log.ts'
import { findAll, folderEvidence } from '../support/evidence.ts'
import { createFederation, eventually, type Federation } from '../support/federation.ts'
import {
  capability,
  heldOnBothSides,
  inSync,
  livePolicy,
  onlyFor,
  openServing,
  readRows,
} from '../support/scenario.ts'

const { relayed } = await vi.hoisted(async () => {
  const { createRelayedBytes } = await import('./relayed-bytes.ts')
  return { relayed: createRelayedBytes() }
})
// Of the three nodes AUS alone makes a server.
vi.mock(import('@libp2p/circuit-relay-v2'), async (original) => {
  const real = await original()
  return {
    ...real,
    circuitRelayServer: (init) => (components) =>
      relayed.tap(real.circuitRelayServer(init)(components)),
  }
})

const RECORDS = 30
const DESCRIPTION_BYTES = 1_700

test('a node that no one can dial is given a record through a partner, which carries ciphertext, also after that partner has been away', async () => {
  await using federation = createFederation(
    ['AUS', 'GBR', 'USA'],
    undefined,
    1,
    (nation, placeOf) => {
      if (nation === 'AUS') return
      // Had the USA an address, GBR would dial it and need no relay.
      const endpoints = nation === 'GBR' ? [`${placeOf('AUS')}/p2p-circuit`] : []
      return { listen: '127.0.0.1:0', endpoints }
    },
  )
  federation.configure('AUS', { relayFor: ['GBR'] })
  federation.configure('GBR', { relay: 'AUS', listen: [] })
  federation.configure('USA', { listen: [] })
  const nodes = await openServing(federation, ['AUS', 'GBR', 'USA'])
  const [aus, gbr, usa] = nodes as [RunningNode, RunningNode, RunningNode]
  await usa.policyInstall(federation.sign('USA', livePolicy('USA')))
  await gbr.subscribe({ dataset: 'production', from: 'USA', action: 'subscribe' })
  /** What stands in the records. */
  const release = async (): Promise<string[]> => {
    const before = relayed.sizeBytes()
    const written: string[] = []
    for (let i = 0; i < RECORDS; i++) {
      const [title, word] = [newWord(), newWord()]
      const fields = { title, description: `${word} `.repeat(DESCRIPTION_BYTES / 17) }
      const labels = { title: onlyFor('GBR'), description: onlyFor('GBR') }
      const { id } = await usa.recordAdd(capability(fields, labels))
      written.push(id, title, word)
    }
    const last = written.at(-2) ?? ''
    await eventually('GBR sees the last', async () => (await gbr.search({ text: last }))[0])
    await inSync(usa, 'GBR')
    await inSync(gbr, 'USA')
    expect(relayed.sizeBytes() - before).toBeGreaterThan(RECORDS * DESCRIPTION_BYTES)
    return written
  }
  const first = await release()
  await aus[Symbol.asyncDispose]()
  await eventually('USA has lost GBR', async () => !(await isConnected(usa, 'GBR')))
  const again = await federation.open('AUS')
  const second = await release()

  const { sent, received } = heldOnBothSides(federation, 'USA', 'GBR')
  expect(sent).toHaveLength(2 * RECORDS)
  expect(received).toEqual(sent)
  checkFeeds(federation, 'USA', 'GBR')
  checkLog(federation, 'USA')

  // Of a statement all but its header, which is the same in everybody's.
  const statements = readRows(federation.folder('GBR'), 'SELECT jws FROM statement_in')
  const words = [...first, ...second]
    .concat(statements.flatMap(({ jws }) => String(jws).split('.').slice(1)))
    .map((word) => word.toLowerCase())
  const atRelay = relayed.evidence()
  // It is told whom to call, and hears the two agree on Noise: so the tap is past the relay's own.
  for (const clear of [peerKeyOf(federation, 'GBR'), '/noise'])
    expect(atRelay.some(({ bytes }) => Buffer.from(bytes).includes(clear))).toBe(true)
  expect(findAll(atRelay, [...words, '/entente/', 'production'])).toEqual([])
  await again[Symbol.asyncDispose]()
  const foundAt = (nation: Nation) =>
    new Set(findAll(folderEvidence(federation.folder(nation)), words).map(({ needle }) => needle))
  expect(foundAt('GBR')).toEqual(new Set(words))
  expect(foundAt('AUS')).toEqual(new Set())
})

/** As it stands in a peer id. */
const peerKeyOf = (federation: Federation, nation: Nation) =>
  Buffer.from(readSigner(join(federation.folder(nation), 'keys/identity.pem')).publicKey)
const isConnected = async (node: RunningNode, nation: Nation) =>
  (await node.status()).partners.find((each) => each.nation === nation)?.connected
