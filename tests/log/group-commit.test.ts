import type { RunningNode } from '@entente/node'
import { afterAll, afterEach, beforeAll, describe, expect, test } from 'vitest'
import { createFederation, eventually, type Federation } from '../support/federation.ts'
import { capability, inSync, livePolicy, openServing, readRows } from '../support/scenario.ts'
import { type SlowWitnesses, slowWitnesses } from '../support/slow-witnesses.ts'

let federation: Federation
let slow: SlowWitnesses
let delay: () => Promise<unknown> = async () => {}
let letGoOfAll = () => {}
/** From now on witnesses are asked nothing. @returns what lets them be asked again; so does the end of the test */
function hold(): () => void {
  const { promise, resolve } = Promise.withResolvers<void>()
  delay = () => promise
  letGoOfAll = () => {
    delay = async () => {}
    resolve()
  }
  return letGoOfAll
}
afterEach(() => letGoOfAll())
let usa: RunningNode
let gbr: RunningNode

beforeAll(async () => {
  federation = createFederation(['GBR', 'USA'])
  slow = slowWitnesses(federation.folder('USA'), () => delay())
  const nodes = await openServing(federation, ['USA', 'GBR'], (nation) =>
    nation === 'USA' ? { transport: slow.transport } : {},
  )
  ;[usa, gbr] = nodes as [RunningNode, RunningNode]
  await usa.policyInstall(federation.sign('USA', livePolicy('USA')))
  await gbr.subscribe({ dataset: 'production', from: 'USA', action: 'subscribe' })
  await inSync(gbr, 'USA')
  await inSync(usa, 'GBR')
})
afterAll(() => federation[Symbol.asyncDispose]())

const groups = () =>
  readRows(federation.folder('USA'), 'SELECT size FROM checkpoint ORDER BY size').map(
    ({ size }) => size as number,
  )
const sees = (text: string, count: number) =>
  eventually(
    `GBR sees ${count}`,
    async () => (await gbr.search({ text, limit: 200 })).length === count,
  )

describe('what is released while a checkpoint is being cosigned', () => {
  test('a lone change is sealed at once, whatever the witnesses take', async () => {
    const letGo = hold()
    const before = groups().length
    const { published } = (await usa.status()).log
    await usa.recordAdd(capability({ title: 'lone' }))
    await eventually('sealed', () => groups().length === before + 1)
    expect((await usa.status()).log.published).toBe(published)
    letGo()
    await sees('lone', 1)
  })

  test('a flood of 60 changes shares few checkpoints, of which one at a time is being cosigned', async () => {
    await inSync(usa, 'GBR')
    const letGo = hold()
    const [before, asked] = [groups(), slow.sizes.length]
    await Promise.all(
      Array.from({ length: 60 }, (_, i) => usa.recordAdd(capability({ title: `flood ${i}` }))),
    )
    // One for what came first; the others gather, however long the witnesses take.
    expect(groups()).toHaveLength(before.length + 1)
    letGo()
    await sees('flood', 60)
    await inSync(usa, 'GBR')
    const added = groups().slice(before.length)
    expect(added.length).toBeGreaterThan(1)
    expect(added.length).toBeLessThanOrEqual(4)
    expect(slow.together()).toBe(1)
    expect([...new Set(slow.sizes.slice(asked))]).toEqual(added)
    // Every one of them says as much as any other.
    expect(added.every((size) => size % 16 === 0)).toBe(true)
  })

  test('what gathers is in no plan: it goes by itself, and a plan that named it would not hold', async () => {
    await inSync(usa, 'GBR')
    const letGo = hold()
    await usa.recordAdd(capability({ title: 'planned a' }))
    await usa.recordAdd(capability({ title: 'planned b' }))
    const gathering = readRows(federation.folder('USA'), 'SELECT record FROM waiting')
    expect(gathering).toHaveLength(1)
    expect((await usa.preview({})).plan).toBeNull()
    letGo()
    await sees('planned', 2)
  })

  test('what narrows does not gather: it is sealed while a checkpoint is being cosigned', async () => {
    const { id } = await usa.recordAdd(capability({ title: 'taken back' }))
    await sees('taken', 1)
    await inSync(usa, 'GBR')
    const letGo = hold()
    const published = (await usa.status()).log.published
    await usa.recordAdd(capability({ title: 'being cosigned' }))
    await usa.recordWithdraw({ id, author: 'analyst', reason: 'a test of grouping' })
    await sees('taken', 0)
    expect((await usa.status()).log.published).toBe(published)
    letGo()
    await sees('cosigned', 1)
  })
})
