import { digestOf } from '@entente/schema'
import { expect, test } from 'vitest'
import { createFederation, eventually } from '../support/federation.ts'
import { capability, inSync, livePolicy, openServing, secret } from '../support/scenario.ts'

const by = { author: 'analyst', reason: 'base of our own requirement' }

test('a copy of what was released to us keeps its originator’s terms through every edit, and goes to nobody else', async () => {
  await using federation = createFederation(['GBR', 'NOR', 'USA'])
  const [gbr, nor, usa] = await openServing(federation, ['GBR', 'NOR', 'USA'])
  if (gbr === undefined || nor === undefined || usa === undefined) throw new Error('not open')
  await gbr.policyInstall(federation.sign('GBR', livePolicy('GBR')))
  await usa.policyInstall(federation.sign('USA', livePolicy('USA')))
  await usa.subscribe({ dataset: 'production', from: 'GBR', action: 'subscribe' })
  await nor.subscribe({ dataset: 'production', from: 'USA', action: 'subscribe' })
  const source = await gbr.recordAdd(capability({ title: 'Beacon', description: 'a bright one' }))
  await eventually('the USA has it', async () => (await usa.search({ text: 'beacon' }))[0])

  const { record: copy } = await usa.recordCopy({ id: source.id, ...by })
  const terms = { originator: 'GBR', onward_release: 'ask' }
  const fields: Record<string, string> = { title: 'Beacon', description: 'a bright one' }
  /** Terms, with what came: also once something else stands there. */
  const came = (field: string) => ({
    ...terms,
    received: {
      record: source.id,
      head: expect.stringMatching(/^[\w-]{43}$/),
      value: digestOf(fields[field]),
    },
  })
  const derivedFrom = [{ record: source.id, originator: 'GBR' }]
  expect(copy).toMatchObject({ originator: 'USA', envelope: { status: 'draft', derivedFrom } })
  for (const field of ['title', 'description']) {
    expect(copy.fields[field]?.terms).toEqual(came(field))
    expect(copy.fields[field]?.label.releasableTo).toEqual([])
  }

  const { id } = copy
  await usa.recordEdit({ id, set: { title: { value: 'Our beacon' } }, ...by })
  await usa.recordEdit({ id, unset: ['description'], ...by })
  const put = { description: { value: 'brighter', label: secret } }
  const edited = await usa.recordEdit({ id, set: put, ...by })
  expect(edited.fields['title']?.terms).toEqual(came('title'))
  expect(edited.fields['description']?.terms).toEqual(came('description'))
  expect(edited.envelope.derivedFrom).toEqual(derivedFrom)
  const { record: second } = await usa.recordCopy({ id, ...by })
  expect(second.fields['title']?.terms).toEqual(came('title'))
  expect(second.envelope.derivedFrom).toContainEqual(derivedFrom[0])

  const why = JSON.stringify(await usa.why({ record: id, nation: 'NOR' }))
  expect(why).toContain('retransfer needs consent')
  expect(await nor.search({ text: 'beacon' })).toEqual([])
})

test('a copy has what is shown: nothing of what the originator has taken back, though the drop itself still waits for witnesses', async () => {
  await using federation = createFederation(['AUS', 'GBR', 'NOR', 'USA'])
  const [gbr, usa, ...witnesses] = await openServing(federation, ['GBR', 'USA', 'AUS', 'NOR'])
  if (gbr === undefined || usa === undefined) throw new Error('not open')
  await gbr.policyInstall(federation.sign('GBR', livePolicy('GBR')))
  await usa.subscribe({ dataset: 'production', from: 'GBR', action: 'subscribe' })
  const { id } = await gbr.recordAdd(capability({ title: 'Beacon', description: 'a bright one' }))
  await eventually('the USA has it', async () => (await usa.search({ text: 'bright' }))[0])
  await inSync(gbr, 'USA')
  await Promise.all(witnesses.map((node) => node[Symbol.asyncDispose]()))

  await gbr.recordEdit({ id, set: { description: { label: secret } }, ...by })
  await eventually(
    'it is hidden',
    async () => !('description' in (await usa.recordShow(id)).fields),
  )
  expect(Object.keys((await usa.recordCopy({ id, ...by })).record.fields)).toEqual(['title'])

  await gbr.recordWithdraw({ id, ...by })
  await eventually('all is hidden', async () =>
    (await usa.search({ text: 'Beacon', limit: 9 })).every(
      ({ originator }) => originator === 'USA',
    ),
  )
  await expect(usa.recordCopy({ id, ...by })).rejects.toMatchObject({ code: 'RECORD_UNKNOWN' })
})
