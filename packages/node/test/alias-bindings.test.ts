import { writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { type DataRecord, joinLabels, type Label } from '@entente/schema'
import { afterEach, beforeEach, describe, expect, test } from 'vitest'
import type { DecidedRelation } from '../src/node-api.ts'
import { type LoneNode, openLoneNode } from './lone-node.ts'

let lone: LoneNode
const by = { author: 'ann', reason: 'letterhead' }
const open: Label = { classification: 'UNCLASSIFIED', releasableTo: ['GBR', 'NOR'], caveats: [] }
const secret: Label = { classification: 'SECRET', releasableTo: [], caveats: ['NOFORN'] }
const foreignId = `urn:entente:${'f'.repeat(32)}`
const terms = { originator: 'GBR', onward_release: 'none' }
const derivedFrom = [{ record: foreignId, originator: 'GBR' }]
const itar = [{ regime: 'ITAR' as const }]

beforeEach(async () => {
  lone = await openLoneNode('USA')
  lone.admit({
    feed: 'GBR-feed',
    sender: 'GBR',
    dataset: 'production',
    authority: {},
    roles: {},
    provenAtMs: 1,
    fragment: {
      head: {
        id: foreignId,
        kind: 'capability',
        originator: 'GBR',
        asOf: '2026-01-01',
        status: 'active',
        handling: { originator_control: true, onward_release: 'none' },
        banner: { classification: 'RESTRICTED', caveats: ['ORCON'] },
        sd: ['x'.repeat(43)],
      },
      disclosures: [
        ['s'.repeat(22), 'title', 'Beacon'],
        ['s'.repeat(22), 'supplier', 'Leeds Works'],
      ],
    },
  })
})
afterEach(() => lone[Symbol.asyncDispose]())

/** A capability that names a maker. */
const making = (supplier: string, label = open, more = {}) =>
  lone.node.recordAdd({
    kind: 'capability',
    dataset: 'production',
    fields: { title: `made by ${supplier}`, supplier },
    labels: { supplier: label },
    envelope: more,
    ...by,
  })
const maker = (name: string, label = open) =>
  lone.node.recordAdd({
    kind: 'supplier',
    dataset: 'suppliers',
    fields: { legal_name: name },
    labels: { legal_name: label },
    ...by,
  })
const decide = (name: string, relation: DecidedRelation, other: string) =>
  lone.node.aliasDecide({ name, relation, other, ...by })
const suppliers = async (name: string) => {
  const rows = await lone.node.recordList({ kind: 'supplier' })
  return Promise.all(
    rows.filter(({ title }) => title === name).map(({ id }) => lone.node.recordShow(id)),
  )
}
const standing = async () =>
  (await lone.node.aliasList({})).standing.map(({ name, relation, other }) => [
    name,
    relation,
    other,
  ])

describe('a name that came with another nation’s record', () => {
  test('is not known before the record is copied', async () => {
    await making('Boston Works')
    await expect(decide('Boston Works', 'same-party', 'Leeds Works')).rejects.toMatchObject({
      code: 'NAME_UNKNOWN',
    })
    expect(await suppliers('Leeds Works')).toEqual([])
  })

  test('makes a supplier that is a draft derived from that record, under its terms and label', async () => {
    const { record: copy } = await lone.node.recordCopy({ id: foreignId, ...by })
    await making('Boston Works')
    await decide('Boston Works', 'same-party', 'Leeds Works')
    const [made, ...others] = await suppliers('Leeds Works')
    expect(others).toEqual([])
    expect(made?.envelope).toMatchObject({
      status: 'draft',
      derivedFrom,
      handling: { onward_release: 'none' },
    })
    const { label } = copy.fields['supplier'] ?? {}
    expect(made?.fields['legal_name']).toMatchObject({ label, terms })
    expect(made?.fields['aliases']).toMatchObject({ value: ['Boston Works'], terms })
    expect(made?.fields['aliases']?.label).toEqual(joinLabels(open, label ?? open))
  })

  test.each<[DecidedRelation, string, string]>([
    ['same-party', 'Leeds Works', 'Boston Works'],
    ['part-of', 'Boston Works', 'Leeds Works'],
    ['takes-part', 'Leeds Works', 'Boston Works'],
    ['distinct', 'Boston Works', 'Leeds Works'],
  ])(
    'as %s of our own supplier leaves the supplier as it is, and is taken back like any',
    async (relation, name, other) => {
      await lone.node.recordCopy({ id: foreignId, ...by })
      const own = await maker('Boston Works')
      const before = await lone.node.recordShow(own.id)
      const changed = await decide(name, relation, other)
      expect(await lone.node.recordShow(own.id)).toEqual(before)
      for (const { envelope, fields } of changed) {
        expect(envelope).toMatchObject({ status: 'draft', derivedFrom })
        const said = Object.entries(fields).filter(([field]) => field !== 'legal_name')
        expect(said).toHaveLength(1)
        for (const [, field] of said) expect(field.terms).toEqual(terms)
      }
      expect(await standing()).toHaveLength(1)
      await decide(name, relation, other)
      expect(await suppliers('Boston Works')).toHaveLength(
        changed[0]?.fields['legal_name']?.value === 'Boston Works' ? 2 : 1,
      )
      await lone.node.aliasUndo({ name, other, ...by })
      expect(await standing()).toEqual([])
      const again = await decide(name, relation, other)
      expect(again.map(({ id }) => id)).toEqual(changed.map(({ id }) => id))
    },
  )
})

describe('a name under an export control regime', () => {
  test('makes a supplier under the regime, for as long', async () => {
    await making('Boston Works')
    await making('Tucson Works', open, { addJurisdiction: itar, validTo: '2026-12-01' })
    await decide('Boston Works', 'same-party', 'Tucson Works')
    const [made] = await suppliers('Tucson Works')
    expect(made?.envelope).toMatchObject({
      status: 'active',
      jurisdiction: itar,
      validTo: '2026-12-01',
    })
  })

  test('puts no other supplier under it: what is decided on both stands beside, and binds no later decision', async () => {
    const own = await maker('Boston Works')
    const before = await lone.node.recordShow(own.id)
    await making('Tucson Works', open, { addJurisdiction: itar })
    const [beside] = await decide('Boston Works', 'part-of', 'Tucson Works')
    expect(beside?.id).not.toBe(own.id)
    expect(beside?.envelope.jurisdiction).toEqual(itar)
    expect(await lone.node.recordShow(own.id)).toEqual(before)
    expect(await standing()).toEqual([['Boston Works', 'part-of', 'Tucson Works']])

    await making('BOSTON WORKS')
    const [later] = await decide('Boston Works', 'same-party', 'BOSTON WORKS')
    expect(later?.fields['legal_name']?.value).toBe('BOSTON WORKS')
    expect(later?.envelope.jurisdiction).toBeUndefined()
  })

  test('can be written into a supplier that is under it already', async () => {
    const own = await maker('Boston Works')
    await lone.node.recordEdit({ id: own.id, envelope: { addJurisdiction: itar }, ...by })
    await making('Tucson Works', open, { addJurisdiction: [{ regime: 'ITAR', code: 'IV(a)' }] })
    const [held] = await decide('Tucson Works', 'same-party', 'Boston Works')
    expect(held?.id).toBe(own.id)
    expect(held?.envelope.jurisdiction).toHaveLength(2)
  })
})

describe('handling', () => {
  const imported = async (supplier: string, onward: string) => {
    const path = join(lone.base, `${supplier}-${onward}.csv`)
    writeFileSync(path, `Part,Maker\n${supplier},${supplier}\n`)
    const text = JSON.stringify({
      mapping: `makers-${onward}`,
      edition: 1,
      kind: 'capability',
      dataset: 'production',
      originator: 'USA',
      source: { document: { const: 'sheet' } },
      key: ['Part'],
      asOf: { const: '2026-01-01' },
      handling: { originator_control: false, onward_release: onward },
      fields: { title: { column: 'Part' }, supplier: { column: 'Maker' } },
    })
    const { id } = await lone.node.importStage({
      file: path,
      path,
      mapping: { file: 'm', text },
      ...by,
    })
    await lone.node.importApply({ id, author: 'ann' })
  }

  test.each([
    ['free', 'none'],
    ['none', 'free'],
  ])(
    'of a new supplier is the strictest of all records that name it: %s, then %s',
    async (first, second) => {
      await imported('Boston Works', first)
      await imported('Boston Works', second)
      await making('Salem Works')
      await decide('Salem Works', 'part-of', 'Boston Works')
      const [made] = await suppliers('Boston Works')
      expect(made?.envelope?.handling).toEqual({
        originator_control: false,
        onward_release: 'none',
      })
    },
  )

  test('of a supplier becomes that of the stricter name it is given', async () => {
    await imported('Boston Works', 'free')
    await imported('BOSTON WORKS', 'free')
    await decide('BOSTON WORKS', 'same-party', 'Boston Works')
    const loose: DataRecord['envelope']['handling'] = {
      originator_control: false,
      onward_release: 'free',
    }
    expect((await suppliers('Boston Works'))[0]?.envelope?.handling).toEqual(loose)
    await imported('Boston Works Inc', 'none')
    await decide('Boston Works Inc', 'same-party', 'Boston Works')
    const [only, ...others] = await suppliers('Boston Works')
    expect(others).toEqual([])
    expect(only?.envelope?.handling).toEqual({ ...loose, onward_release: 'none' })
  })
})

test.each<[DecidedRelation, string]>([
  ['same-party', 'same_as'],
  ['part-of', 'part_of'],
])('%s with a secret supplier is no less secret on either side', async (relation, field) => {
  const own = await maker('Boston Works')
  const covert = await maker('Covert Works', secret)
  await decide('Boston Works', relation, 'Covert Works')
  const { fields } = await lone.node.recordShow(own.id)
  expect(fields['legal_name']?.label).toEqual(open)
  expect(fields[field]).toMatchObject({ value: covert.id, label: joinLabels(open, secret) })
})

test('a name that only withdrawn or draft records have makes no active supplier', async () => {
  const { id } = await making('Boston Works')
  await lone.node.recordWithdraw({ id, ...by })
  await making('Salem Works')
  await decide('Salem Works', 'same-party', 'Boston Works')
  const [made] = await suppliers('Boston Works')
  expect(made?.status).toBe('draft')
})
