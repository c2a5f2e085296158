import { expect, test } from 'vitest'
import { createFederation, eventually } from '../support/federation.ts'
import { installAt, joinFederation, openAt } from '../support/further-node.ts'
import { capability, inSync, livePolicy, openServing, readRows } from '../support/scenario.ts'

test('a laptop drafts, headquarters releases', async () => {
  await using federation = createFederation(['USA', 'GBR'])
  const laptop = joinFederation(federation, 'USA', 'laptop', { drafts: true })
  federation.renew()
  installAt(federation, laptop.folder)
  const [usa, gbr] = await openServing(federation, ['USA', 'GBR'])
  if (!usa || !gbr) throw new Error('not open')
  await usa.policyInstall(federation.sign('USA', livePolicy('USA')) as never)
  await gbr.subscribe({ dataset: 'production', from: 'USA', action: 'subscribe' } as never)
  await inSync(usa, 'GBR')
  let id = ''
  {
    await using field = await openAt(laptop.folder)
    // It has no policy power and no partner.
    await expect(
      field.policyInstall(federation.sign('USA', livePolicy('USA')) as never),
    ).rejects.toMatchObject({ code: 'DRAFTS_ONLY' })
    await expect(field.run({ plan: 'x' })).rejects.toMatchObject({
      code: 'DRAFTS_ONLY',
    })
    const added = await field.recordAdd(capability({ title: 'Drafted in the field' }))
    id = added.id
    await eventually('it has reached the recipient', () =>
      readRows(federation.folder('GBR'), 'SELECT record FROM held_in').some(
        ({ record }) => record === id,
      ),
    )
    expect((await field.status()).state).toBe('serving')
    expect(readRows(laptop.folder, 'SELECT * FROM entry')).toEqual([])
  }
  // Away for a while; headquarters goes on.
  await usa.recordEdit({
    id,
    set: { title: { value: 'Named at headquarters' } },
    author: 'analyst',
    reason: 'a better name',
  } as never)
  {
    await using field = await openAt(laptop.folder)
    await eventually('the laptop hears of it', async () =>
      JSON.stringify(await field.recordShow(id)).includes('Named at headquarters'),
    )
  }
}, 180_000)
