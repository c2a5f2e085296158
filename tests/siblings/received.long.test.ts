import { expect, test } from 'vitest'
import { createFederation, eventually } from '../support/federation.ts'
import { installAt, joinFederation, openAt } from '../support/further-node.ts'
import { capability, inSync, livePolicy, openServing, readRows } from '../support/scenario.ts'

test('a partner gives to headquarters, and the laptop sees it', async () => {
  await using federation = createFederation(['USA', 'GBR'])
  const laptop = joinFederation(federation, 'USA', 'laptop', { drafts: true })
  federation.renew()
  installAt(federation, laptop.folder)
  const [usa, gbr] = await openServing(federation, ['USA', 'GBR'])
  if (!usa || !gbr) throw new Error('not open')
  await gbr.policyInstall(federation.sign('GBR', livePolicy('GBR')) as never)
  await usa.subscribe({ dataset: 'production', from: 'GBR', action: 'subscribe' } as never)
  await inSync(gbr, 'USA')
  const { id } = await gbr.recordAdd(capability({ title: 'Shells made at Radway' }))
  await inSync(gbr, 'USA')
  await using field = await openAt(laptop.folder)
  await eventually('the laptop has it', () =>
    readRows(laptop.folder, 'SELECT record FROM held_in').some(({ record }) => record === id),
  )
  const shown = await field.recordShow(id)
  expect(JSON.stringify(shown)).toContain('Radway')
  expect(readRows(laptop.folder, 'SELECT * FROM ack_given')).toEqual([])
  expect(readRows(laptop.folder, 'SELECT * FROM record')).toEqual([])
  console.log(JSON.stringify(await field.status(), null, 1))
  console.log(JSON.stringify(shown, null, 1))
}, 180_000)
