import type { RunningNode } from '@entente/node'
import { joinLabels } from '@entente/schema'
import { afterAll, beforeAll, describe, expect, test } from 'vitest'
import { createFederation, type Federation } from '../support/federation.ts'
import { onlyFor, open } from '../support/scenario.ts'

let federation: Federation
let usa: RunningNode
const by = { author: 'ann', reason: 'letterhead' }

beforeAll(async () => {
  federation = createFederation(['GBR', 'USA'])
  usa = await federation.open('USA', { network: false })
  for (const [supplier, place, code] of [
    ['Raytheon', 'Tucson, AZ', 'A1'],
    ['RAYTHEON', 'Tucson, AZ', 'A1'],
    ['Raytheon CO', 'Tucson, AZ', 'A2'],
    ['RAYTHEON SYSTEMS LTD', 'Harlow, UK', 'A3'],
    ['RAYTHEON/NORTHROP GRUMMAN', 'Tucson, AZ', 'A4'],
    ['Northrop Grumman', 'Linthicum, MD', 'A4'],
  ] as const)
    await usa.recordAdd({
      kind: 'capability',
      dataset: 'production',
      fields: {
        title: `made by ${supplier}`,
        supplier,
        place: { text: place, nation: place.endsWith('UK') ? 'GBR' : 'USA' },
        line_item: { code },
        agency: 'Navy',
      },
      labels: { supplier: supplier === 'RAYTHEON' ? onlyFor('GBR') : open },
      ...by,
    })
})
afterAll(() => federation[Symbol.asyncDispose]())

const suppliers = () => usa.recordList({ kind: 'supplier' })
const standing = async () =>
  (await usa.aliasList({})).standing.map(({ name, relation, other }) => [name, relation, other])

test('suggestions link nothing: they say what speaks for and against', async () => {
  const { names, suggestions } = await usa.aliasSuggest({ text: 'raytheon' })
  expect(names).toBe(6)
  const found = Object.fromEntries(suggestions.map((each) => [each.names.join(' ~ '), each]))
  expect(found['RAYTHEON ~ Raytheon']).toMatchObject({ relation: 'same-party' })
  expect(found['RAYTHEON ~ Raytheon']?.confidence).toBeGreaterThan(90)
  const same = suggestions
    .filter(({ relation }) => relation === 'same-party')
    .flatMap(({ names: pair }) => pair)
  expect(same).not.toContain('RAYTHEON/NORTHROP GRUMMAN')
  expect(await suppliers()).toEqual([])
  expect(await standing()).toEqual([])
})

test('a decision makes a supplier record where there is none, under the join of the labels of what it names', async () => {
  await usa.aliasDecide({ name: 'RAYTHEON', relation: 'same-party', other: 'Raytheon', ...by })
  const [only, ...others] = await suppliers()
  expect(others).toEqual([])
  const { fields } = await usa.recordShow(only?.id ?? '')
  expect(fields['legal_name']).toMatchObject({ value: 'Raytheon', label: open })
  expect(fields['aliases']).toMatchObject({
    value: ['RAYTHEON'],
    label: joinLabels(open, onlyFor('GBR')),
  })
  expect(await standing()).toEqual([['RAYTHEON', 'same-party', 'Raytheon']])
  const { suggestions } = await usa.aliasSuggest({ text: 'raytheon' })
  expect(suggestions.map(({ names }) => names)).not.toContainEqual(['RAYTHEON', 'Raytheon'])
})

test('counts as one party in answers from then on, and no more once taken back', async () => {
  const single = async () => (await usa.askOneMaker()).rows.map(({ cells }) => cells['item'])
  expect(await single()).toEqual(['A1', 'A2', 'A3'])
  await usa.aliasUndo({ name: 'Raytheon', other: 'RAYTHEON', author: 'bob', reason: 'too soon' })
  expect(await standing()).toEqual([])
  expect(await single()).toEqual(['A2', 'A3'])
})

test('every decision stays in the history, with who made it or took it back, and why', async () => {
  const { history } = await usa.aliasList({ text: 'raytheon' })
  expect(history.map(({ values, author, reason }) => [values, author, reason])).toEqual([
    [[], 'bob', 'too soon'],
    [['RAYTHEON'], 'ann', 'letterhead'],
  ])
})

describe('names that a person keeps apart', () => {
  test('are not suggested again, and cannot be linked, not even through a third', async () => {
    const apart = { name: 'RAYTHEON SYSTEMS LTD', relation: 'distinct', other: 'Raytheon' } as const
    await usa.aliasDecide({ ...apart, ...by })
    await usa.aliasDecide({ name: 'Raytheon CO', relation: 'same-party', other: 'Raytheon', ...by })
    const link = { name: 'RAYTHEON SYSTEMS LTD', relation: 'same-party' } as const
    for (const other of ['Raytheon', 'Raytheon CO'])
      await expect(usa.aliasDecide({ ...link, other, ...by })).rejects.toMatchObject({
        code: 'LINK_CONTRADICTS',
      })
    const { suggestions } = await usa.aliasSuggest({ text: 'systems ltd' })
    expect(suggestions.filter(({ relation }) => relation === 'same-party')).toEqual([])
  })

  test('and names that are one party cannot be kept apart', async () => {
    const apart = { name: 'Raytheon CO', relation: 'distinct', other: 'Raytheon', ...by } as const
    await expect(usa.aliasDecide(apart)).rejects.toMatchObject({ code: 'LINK_CONTRADICTS' })
  })
})

test('a venture and its members are decided on without becoming one party', async () => {
  const venture = 'RAYTHEON/NORTHROP GRUMMAN'
  await usa.aliasDecide({ name: 'Raytheon', relation: 'takes-part', other: venture, ...by })
  await usa.aliasDecide({ name: 'Northrop Grumman', relation: 'takes-part', other: venture, ...by })
  expect(await standing()).toContainEqual(['Raytheon', 'takes-part', venture])
  const { suggestions } = await usa.aliasSuggest({ text: venture })
  const pairs = suggestions.map(({ names }) => names)
  for (const member of ['Raytheon', 'Northrop Grumman'])
    expect(pairs).not.toContainEqual([member, venture])
  const items = (await usa.askOneMaker()).rows.map(({ cells }) => cells['item'])
  expect(items).not.toContain('A4')
})

test.each([
  ['a name that no record has', 'Nobody Ltd', 'Raytheon', 'NAME_UNKNOWN'],
  ['one name twice', 'Raytheon', 'Raytheon', 'LINK_CONTRADICTS'],
])('%s is refused', async (_, name, other, code) => {
  const decision = { name, relation: 'same-party', other, ...by } as const
  await expect(usa.aliasDecide(decision)).rejects.toMatchObject({ code })
})

test('taking back what was never decided is refused', async () => {
  const undo = { name: 'RAYTHEON', other: 'Northrop Grumman', ...by }
  await expect(usa.aliasUndo(undo)).rejects.toMatchObject({ code: 'LINK_UNKNOWN' })
})

test('makers abroad are those whose place says so', async () => {
  const { rows } = await usa.askMakersAbroad()
  expect(rows.map(({ cells }) => [cells['nation'], cells['maker']])).toEqual([
    ['GBR', 'RAYTHEON SYSTEMS LTD'],
  ])
})
