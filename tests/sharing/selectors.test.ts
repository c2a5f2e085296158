import { noteSubscription } from '@entente/node/testing'
import { PolicyDocument } from '@entente/policy'
import type { Asked } from '@entente/schema'
import { afterAll, beforeAll, expect, test } from 'vitest'
import { createFederation, type Federation } from '../support/federation.ts'
import { capability, livePolicy, onlyFor } from '../support/scenario.ts'
import { openSender } from '../support/sender.ts'

const nowMs = () => Date.UTC(2026, 8, 1)
let federation: Federation
beforeAll(() => {
  federation = createFederation(['GBR', 'NOR', 'USA'])
})
afterAll(() => federation[Symbol.asyncDispose]())

/** A node that shares three subjects with GBR, and what it has sealed for it so far, as `op title`. */
async function senderOf() {
  const usa = await openSender(federation.folder('USA'), nowMs)
  usa.policies.install(federation.sign('USA', PolicyDocument.parse(livePolicy('USA'))))
  const titles = new Map<string, string>()
  const add = async (title: string, domain: string, labels = {}) => {
    const { id } = await usa.records.recordAdd(capability({ title, domain }, labels))
    titles.set(id, title)
    return id
  }
  let seen = 0
  const sealed = async (): Promise<string[]> => {
    await usa.releaser.idle()
    const rows = usa.db.prepare('SELECT record, opening FROM entry_out ORDER BY idx, record').all()
    const fresh = rows.slice(seen)
    seen = rows.length
    return fresh
      .map(({ record, opening }) => {
        const [, { op }] = JSON.parse(opening as string) as [string, { op: string }]
        return `${op} ${titles.get(record as string)}`
      })
      .sort()
  }
  const ask = (part: Omit<Asked, 'action'> = {}, action: Asked['action'] = 'subscribe') =>
    usa.db.transact(() => noteSubscription(usa.deps, 'GBR', 'production', { action, ...part }))
  return { usa, add, ask, sealed }
}

test('a change of selection costs what differs: what stays in it is neither dropped nor put again', async () => {
  const { usa, add, ask, sealed } = await senderOf()
  await using _ = usa
  await add('shells', 'ammunition')
  await add('fuzes', 'ammunition')
  await add('radars', 'sensors')
  ask({ topic: 'ammunition' })
  expect(await sealed()).toEqual(['put fuzes', 'put shells'])
  ask()
  expect(await sealed()).toEqual(['put radars'])
  ask({ topic: 'sensors', only: true })
  expect(await sealed()).toEqual(['drop fuzes', 'drop shells'])
  // A part of what is not asked for, and the same once more: nothing moves.
  ask({ kind: 'alert' })
  ask({ topic: 'sensors' })
  expect(await sealed()).toEqual([])
  ask({}, 'unsubscribe')
  expect(await sealed()).toEqual(['drop radars'])
})

test('a topic that is withheld selects nothing, so that asking for it tells nothing', async () => {
  const { usa, add, ask, sealed } = await senderOf()
  await using _ = usa
  await add('shells', 'ammunition', { domain: onlyFor('NOR') })
  ask({ topic: 'ammunition' })
  expect(await sealed()).toEqual([])
  // By its kind it goes, as before without the topic.
  ask({ kind: 'capability' })
  expect(await sealed()).toEqual(['put shells'])
})

test('a record whose topic changes leaves the selection of the old one and enters that of the new', async () => {
  const { usa, add, ask, sealed } = await senderOf()
  await using _ = usa
  const id = await add('shells', 'ammunition')
  ask({ topic: 'ammunition' })
  expect(await sealed()).toEqual(['put shells'])
  const edit = { id, author: 'analyst', reason: 'moved' }
  await usa.records.recordEdit({ ...edit, set: { domain: { value: 'sensors' } } })
  expect(await sealed()).toEqual(['drop shells'])
  ask({ topic: 'sensors' })
  expect(await sealed()).toEqual(['put shells'])
})
