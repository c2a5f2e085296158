import { readFileSync } from 'node:fs'
import { join } from 'node:path'
import { pseudonymOf } from '@entente/schema'
import { expect, test } from 'vitest'
import { encodeField } from '../src/export-table/field-cells.ts'
import type { PlannedChange } from '../src/release/plan.ts'
import { previewOf } from '../src/release/preview.ts'
import { openLoneNode } from './lone-node.ts'

const id = `urn:entente:${'e'.repeat(32)}`
const pseudonym = pseudonymOf(new Uint8Array(32), 'NOR', 'name')
const salt = 's'.repeat(22)

test('what came under a pseudonym, its place as a country only, is shown, found, answered with, exported, and not copied as a name', async () => {
  await using lone = await openLoneNode('NOR')
  lone.admit({
    feed: 'GBR-feed',
    sender: 'GBR',
    dataset: 'production',
    authority: { name: 'Arrangement', address: 'Arrangement', materials: 'Arrangement' },
    roles: {},
    provenAtMs: 1,
    fragment: {
      head: {
        id,
        kind: 'facility',
        originator: 'GBR',
        asOf: '2026-01-01',
        status: 'active',
        handling: { originator_control: true, onward_release: 'ask' },
        banner: { classification: 'RESTRICTED', caveats: [] },
        sd: ['x'.repeat(43)],
      },
      disclosures: [
        [salt, 'address', { nation: 'CAN' }],
        [salt, 'materials', ['cobalt']],
        [salt, 'name', pseudonym],
      ],
    },
  })
  const shown = await lone.node.recordShow(id)
  expect(shown.title).toBe(pseudonym)
  expect(shown.fields['address']?.value).toEqual({ nation: 'CAN' })
  expect(await lone.node.search({ text: pseudonym })).toMatchObject([{ id, title: pseudonym }])
  const listed = (where: string) => lone.node.recordList({ kind: 'facility', where: [where] })
  expect(await listed('address.nation=CAN')).toMatchObject([{ id }])
  for (const where of ['address.nation=USA', 'address.text', 'address.text=CAN'])
    expect(await listed(where)).toEqual([])

  const { rows } = await lone.node.askSources({ material: 'cobalt' })
  expect(rows).toMatchObject([{ title: pseudonym, cells: { name: pseudonym, place: 'CAN' } }])

  const path = join(lone.base, 'sites.csv')
  await lone.node.exportTable({ path, kind: 'facility' })
  expect(readFileSync(path, 'utf8')).toContain(pseudonym)
  expect([...encodeField('facility', 'address', { nation: 'CAN' })]).toEqual([
    ['address.nation', 'CAN'],
  ])

  const copy = await lone.node.recordCopy({ id, author: 'analyst', reason: 'base of our own' })
  expect(Object.keys(copy.record.fields)).toEqual(['materials'])
  expect(copy.left.map(({ field }) => field).sort()).toEqual(['address', 'name'])
  expect(copy.left.find(({ field }) => field === 'name')?.reason).toMatch(/form of a pseudonym/)
  await expect(
    lone.node.recordEdit({
      id: copy.record.id,
      set: { name: { value: pseudonym } },
      author: 'analyst',
      reason: 'as it came',
    }),
  ).rejects.toMatchObject({
    code: 'VALUE_INVALID',
    message: expect.stringMatching(/give the name itself/),
  })
})

test.each([
  ['under a pseudonym', 'pseudonym', `${pseudonym} (${id})`],
  ['by its name', 'exact', 'Exercise Works'],
] as const)('a preview names a record that goes %s so', (_, level, title) => {
  const value = level === 'exact' ? 'Exercise Works' : pseudonym
  const composition = {
    fragment: { disclosures: [[salt, 'name', value]] },
    fields: ['name'],
    levels: { name: level },
    decisions: new Map([['name', { rules: ['row'] }]]),
  }
  const change = { id, recipient: 'NOR', composition } as unknown as PlannedChange
  const plan = { changes: [change], digest: null, policy: null }
  const { nations } = previewOf(
    plan as unknown as Parameters<typeof previewOf>[0],
    () => 'Exercise Works',
    () => 0,
  )
  expect(nations[0]?.lines).toMatchObject([
    { record: id, title, fields: [{ field: 'name', level }] },
  ])
})
