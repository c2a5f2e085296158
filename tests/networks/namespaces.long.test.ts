import type { Nation } from '@entente/schema'
import { expect, test } from 'vitest'
import { checkFeeds, checkLog } from '../support/check-log.ts'
import { createFederation, eventually } from '../support/federation.ts'
import { capability, heldOnBothSides, livePolicy } from '../support/scenario.ts'
import { type SpawnedNode, spawnNode } from '../support/spawn-node.ts'
import { createNamespaces, whyNoNamespaces, whyNoShaping } from './namespaces.ts'

const nations = ['GBR', 'NOR', 'USA'] as const
type Name = (typeof nations)[number]
const pairs = [
  ['GBR', 'NOR'],
  ['GBR', 'USA'],
  ['NOR', 'USA'],
] as const
const elsewhere = whyNoNamespaces()
if (elsewhere !== null) process.stderr.write(`namespaces: 1 test skipped: ${elsewhere}\n`)

/** Longer than it takes to find that a silent line is dead, and to dial again. */
const WITHIN_MS = 90_000

test.skipIf(elsewhere !== null)(
  'real processes, each in a network of its own: every line is cut in turn, one stays silent until it is found dead, one nation moves; all come to the same',
  { timeout: 300_000 },
  async () => {
    await using spaces = createNamespaces(nations)
    const port = 4470
    await using federation = createFederation(nations, undefined, 1, (nation) => ({
      listen: `0.0.0.0:${port}`,
      endpoints: spaces.addresses(nation as Name).map((address) => `${address}:${port}`),
    }))
    const shapeless = whyNoShaping()
    if (shapeless !== null)
      process.stderr.write(`namespaces: no delay, loss or reordering: ${shapeless}\n`)
    else
      for (const name of nations)
        spaces.shape(name, ['delay', '150ms', '20ms', 'reorder', '10%', 'loss', '2%'])

    await using stack = new AsyncDisposableStack()
    const nodes = new Map<Name, SpawnedNode>()
    for (const name of nations)
      nodes.set(name, stack.use(await spawnNode(federation.folder(name), spaces.inside(name))))
    const node = (name: Name): SpawnedNode => nodes.get(name) as SpawnedNode
    const partnerOf = async (name: Name, other: Nation) => {
      const { partners } = await node(name).call('status')
      const partner = partners.find(({ nation }) => nation === other)
      if (partner === undefined) throw new Error(`${name} knows nothing of ${other}`)
      return partner
    }
    const allInSync = () =>
      eventually(
        'every nation is in sync with every other',
        async () => {
          for (const name of nations) {
            const { log, partners } = await node(name).call('status')
            if (log.size !== log.published || !partners.every(({ inSync }) => inSync)) return false
          }
          return true
        },
        WITHIN_MS,
      )
    for (const name of nations)
      await eventually('serving', async () => (await node(name).call('status')).state === 'serving')
    for (const sender of nations) {
      await node(sender).call('policyInstall', federation.sign(sender, livePolicy(sender)))
      for (const from of nations)
        if (from !== sender)
          await node(sender).call('subscribe', {
            dataset: 'production',
            from,
            action: 'subscribe',
          })
    }
    await allInSync()
    let written = 0
    /** Each nation writes a record and changes its last one. */
    const last = new Map<Name, string>()
    const write = async () => {
      for (const name of nations) {
        const title = `capability ${written++} of ${name}`
        const changed = last.get(name)
        if (changed !== undefined)
          await node(name).call('recordEdit', {
            id: changed,
            set: { description: { value: `changed at ${written}` } },
            author: 'analyst',
            reason: 'a test of networks',
          })
        const { id } = await node(name).call('recordAdd', capability({ title }))
        last.set(name, id)
      }
    }

    for (const [a, b] of pairs) {
      spaces.cut(a, b)
      await write()
      const third = nations.find((name) => name !== a && name !== b) as Name
      // Of the cut line nobody knows yet: only that the other has said nothing.
      await eventually('the cut shows', async () => !(await partnerOf(a, b)).inSync, WITHIN_MS)
      await eventually('the third goes on', async () => {
        const [toA, toB] = [await partnerOf(third, a), await partnerOf(third, b)]
        return toA.inSync && toB.inSync
      })
      spaces.heal(a, b)
      await allInSync()
    }

    spaces.cut('GBR', 'USA')
    await write()
    await eventually(
      'a silent line is found dead, and said so in words',
      async () => {
        const [gbr, usa] = [await partnerOf('GBR', 'USA'), await partnerOf('USA', 'GBR')]
        return [gbr, usa].every(({ connected, words }) => !connected && /^unreachable/.test(words))
      },
      WITHIN_MS,
    )
    await write()
    spaces.heal('GBR', 'USA')
    await allInSync()

    spaces.moveAddress('NOR', 'USA')
    await write()
    await allInSync()

    await Promise.all(
      nations.map(async (name) => {
        node(name).kill()
        await node(name).died
      }),
    )
    for (const sender of nations)
      for (const recipient of nations) {
        if (sender === recipient) continue
        const { sent, received } = heldOnBothSides(federation, sender, recipient)
        expect(sent).toHaveLength(written / nations.length)
        expect(received).toEqual(sent)
        checkFeeds(federation, sender, recipient)
      }
    for (const name of nations) checkLog(federation, name)
  },
)
