import type { Fragment } from '@entente/schema'
import { expect, test } from 'vitest'
import type { ForeignFact } from '../src/view/view.ts'
import { openLoneNode } from './lone-node.ts'

const id = `urn:entente:${'c'.repeat(32)}`
const by = { author: 'analyst', reason: 'base of our own' }

const heldIn = (feed: string, title: string): ForeignFact => ({
  feed,
  sender: 'GBR',
  dataset: 'production',
  authority: {},
  roles: {},
  provenAtMs: 1,
  fragment: {
    head: {
      id,
      kind: 'capability',
      originator: 'GBR',
      asOf: '2026-01-01',
      status: 'active',
      handling: { originator_control: true, onward_release: 'none' },
      banner: { classification: 'RESTRICTED', caveats: [] },
      sd: ['x'.repeat(43)],
    },
    disclosures: [['s'.repeat(22), 'title', title]],
  },
})

test('a copy of a record that came by two feeds is of the one that is shown', async () => {
  await using lone = await openLoneNode('NOR')
  const titleOfCopy = async () =>
    (await lone.node.recordCopy({ id, ...by })).record.fields['title']?.value
  lone.admit(heldIn('first', 'Old beacon'))
  lone.admit(heldIn('second', 'New beacon'))
  expect((await lone.node.recordShow(id)).title).toBe('Old beacon')
  expect(await titleOfCopy()).toBe('Old beacon')

  lone.hide('first', id)
  expect((await lone.node.recordShow(id)).title).toBe('New beacon')
  expect(await titleOfCopy()).toBe('New beacon')

  lone.hide('second', id)
  await expect(titleOfCopy()).rejects.toMatchObject({ code: 'RECORD_UNKNOWN' })
})

test('a copy leaves out what only some roles may read: as a field of ours every role would', async () => {
  await using lone = await openLoneNode('NOR')
  const fact = heldIn('first', 'Beacon')
  const [salt] = fact.fragment.disclosures[0] ?? ['']
  const disclosures: Fragment['disclosures'] = [
    [salt, 'description', 'a bright one'],
    ...fact.fragment.disclosures,
  ]
  const roles = { description: ['engineering'] } as const
  lone.admit({ ...fact, roles, fragment: { ...fact.fragment, disclosures } })
  const { record, left } = await lone.node.recordCopy({ id, ...by })
  expect(Object.keys(record.fields)).toEqual(['title'])
  expect(left).toEqual([{ field: 'description', reason: 'GBR lets only engineering read it' }])
})
