import { cpSync, mkdirSync, readdirSync, rmSync } from 'node:fs'
import { join } from 'node:path'
import type { NodeApi, RunningNode } from '@entente/node'
import { feedProtocol } from '@entente/node/testing'
import { expect, test } from 'vitest'
import { checkLog } from '../support/check-log.ts'
import { createFederation, eventually, type Federation } from '../support/federation.ts'
import { createRawPartner } from '../support/raw-partner.ts'
import {
  capability,
  inSync,
  livePolicy,
  openServing,
  readRows,
  stateOf,
} from '../support/scenario.ts'

/** USA has released one record to GBR; its database is kept; then it has released another and stopped. */
async function afterAnOldCopy() {
  const federation = createFederation(['GBR', 'USA'])
  const [usa, gbr] = (await openServing(federation, ['USA', 'GBR'])) as [RunningNode, RunningNode]
  await usa.policyInstall(federation.sign('USA', livePolicy('USA')))
  await gbr.subscribe({ dataset: 'production', from: 'USA', action: 'subscribe' })
  await usa.recordAdd(capability({ title: 'before the copy' }))
  await eventually('GBR sees it', async () => (await gbr.search({ text: 'before' }))[0])
  await inSync(usa, 'GBR')
  await usa[Symbol.asyncDispose]()
  copy(federation, 'USA', 'kept')

  const again = await federation.open('USA')
  await again.recordAdd(capability({ title: 'after the copy' }))
  await eventually('GBR sees it', async () => (await gbr.search({ text: 'after' }))[0])
  await inSync(again, 'GBR')
  await again[Symbol.asyncDispose]()
  return { federation, gbr }
}

/** What a backup of the database takes, and what one of the whole machine takes. */
const databaseFiles = /^entente\.db/
const allFiles = /^(entente\.db|log-head|witness-count)/
function copy(federation: Federation, from: string, to: string, files = allFiles): void {
  mkdirSync(join(federation.root, to), { recursive: true })
  for (const name of readdirSync(join(federation.root, to)).filter((each) => files.test(each)))
    rmSync(join(federation.root, to, name))
  for (const name of readdirSync(join(federation.root, from)).filter((each) => files.test(each)))
    cpSync(join(federation.root, from, name), join(federation.root, to, name))
}

const sizeOf = (federation: Federation) =>
  readRows(federation.folder('USA'), 'SELECT size FROM head')[0]?.['size']

/** Nothing that would need a signature is done, and the log does not grow. */
async function signsNothing(federation: Federation, node: NodeApi, code: string) {
  const size = sizeOf(federation)
  await expect(
    node.policyInstall(federation.sign('USA', livePolicy('USA', 2))),
  ).rejects.toMatchObject({ code })
  await expect(
    node.subscribe({ dataset: 'production', from: 'GBR', action: 'subscribe' }),
  ).rejects.toMatchObject({ code })
  await expect(node.run({ plan: 'any' })).rejects.toMatchObject({ code })
  await expect(
    node.auditExport({ directory: join(federation.root, 'audit'), withContent: false }),
  ).rejects.toMatchObject({ code })
  await node.recordAdd(capability({ title: 'edited meanwhile' }))
  await new Promise((resolve) => setTimeout(resolve, 300))
  expect(sizeOf(federation)).toBe(size)
}

test('case 14: an old copy of the database freezes the node at its start: it signs, cosigns and serves nothing', async () => {
  // release-log.md cases 14 and 50
  const { federation, gbr } = await afterAnOldCopy()
  await using _ = federation
  copy(federation, 'kept', 'USA', databaseFiles)
  const usa = await federation.open('USA', { alone: true })
  const { state, words } = await usa.status()
  expect(state).toBe('frozen')
  expect(words).toContain('old copy')
  await signsNothing(federation, usa, 'FROZEN')

  // Nobody else can cosign for GBR, so nothing of it is published any more.
  const { log: before } = await gbr.status()
  await gbr.subscribe({ dataset: 'needs', from: 'USA', action: 'subscribe' })
  await new Promise((resolve) => setTimeout(resolve, 1_000))
  const { log } = await gbr.status()
  expect(log.size).toBeGreaterThan(before.size)
  expect(log.published).toBe(before.published)
  await gbr[Symbol.asyncDispose]()

  // A recipient that asks for all it may have is given no body.
  await using raw = await createRawPartner(federation, 'GBR', 'USA')
  const resume = { t: 'resume', checkpoint: null, feeds: [] }
  const [entry] = readRows(federation.folder('USA'), 'SELECT feed, seq, digest FROM entry_out')
  const again = { t: 'again', feed: entry?.['feed'], seq: entry?.['seq'], entry: entry?.['digest'] }
  expect(await raw.answersTo(feedProtocol, resume, again)).toEqual([{ t: 'resumed' }])
  expect(await raw.witness('POST /add-checkpoint\n\nold 0\n')).toMatch(/^503\n/)
})

test('a node whose log-head file is gone is frozen', async () => {
  const { federation } = await afterAnOldCopy()
  await using _ = federation
  rmSync(join(federation.folder('USA'), 'log-head'))
  const usa = await federation.open('USA')
  expect((await usa.status()).state).toBe('frozen')
  await signsNothing(federation, usa, 'FROZEN')
})

test('an old image of the whole machine is found out by asking the witnesses', async () => {
  const { federation, gbr } = await afterAnOldCopy()
  await using _ = federation
  copy(federation, 'kept', 'USA')
  const usa = await federation.open('USA')
  await eventually('USA is frozen', async () => (await stateOf(usa)) === 'frozen')
  expect((await usa.status()).words).toContain('GBR holds a checkpoint of our log')
  await signsNothing(federation, usa, 'FROZEN')
  expect(await gbr.search({ text: 'after' })).toHaveLength(1)
})

test('case 15: an old image whose witnesses are away signs nothing until one answers', async () => {
  // release-log.md case 15
  const { federation, gbr } = await afterAnOldCopy()
  await using _ = federation
  await gbr[Symbol.asyncDispose]()
  copy(federation, 'kept', 'USA')
  const usa = await federation.open('USA')
  expect(await stateOf(usa)).toBe('asking')
  await signsNothing(federation, usa, 'ASKING')
  await federation.open('GBR')
  await eventually('USA is frozen', async () => (await stateOf(usa)) === 'frozen')
})

test('a whole node whose witnesses are away waits for one of them', async () => {
  const { federation, gbr } = await afterAnOldCopy()
  await using _ = federation
  await gbr[Symbol.asyncDispose]()
  const usa = await federation.open('USA')
  await signsNothing(federation, usa, 'ASKING')
  const back = await federation.open('GBR')
  await eventually('USA serves', async () => (await stateOf(usa)) === 'serving')
  await eventually(
    'what was edited meanwhile goes',
    async () => (await back.search({ text: 'meanwhile' }))[0],
  )
})

test('served alone, an old image that forks is refused by the partner and frozen by its first answer', async () => {
  // release-log.md cases 12 and 13
  const { federation, gbr } = await afterAnOldCopy()
  await using _ = federation
  await gbr[Symbol.asyncDispose]()
  const knownSize = sizeOf(federation)
  copy(federation, 'USA', 'true')
  copy(federation, 'kept', 'USA')
  const usa = await federation.open('USA', { alone: true })
  expect(await stateOf(usa)).toBe('serving')
  // What widens gathers while nobody cosigns; what is asked for is logged at once, each with its pads.
  for (const dataset of ['forked-1', 'forked-2', 'forked-3'])
    await usa.subscribe({ dataset, from: 'GBR', action: 'subscribe' })
  await usa.recordAdd(capability({ title: 'forked' }))
  await eventually(
    'the fork is signed, and longer than what GBR knows',
    () => (sizeOf(federation) as number) > (knownSize as number),
  )
  const back = await federation.open('GBR')
  await eventually('USA is frozen', async () => (await stateOf(usa)) === 'frozen')
  expect(await back.search({ text: 'forked' })).toEqual([])
  expect(await back.search({ text: 'after' })).toHaveLength(1)

  // The true history is still the one that everybody else has.
  await usa[Symbol.asyncDispose]()
  copy(federation, 'true', 'USA')
  checkLog(federation, 'USA')
  expect(sizeOf(federation)).toBe(knownSize)
})
