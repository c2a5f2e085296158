import { join } from 'node:path'
import { type NodeApi, type RunningNode, readSigner } from '@entente/node'
import { digestOf, type Label, type LabelOrder, labelOrderType, signJws } from '@entente/schema'
import { afterAll, beforeAll, describe, expect, test } from 'vitest'
import { createFederation, type Federation } from '../support/federation.ts'
import { onlyFor, open, secret } from '../support/scenario.ts'

let federation: Federation
let usa: RunningNode
const by = { author: 'analyst', reason: 'report 7' }

beforeAll(async () => {
  federation = createFederation(['GBR', 'USA'])
  usa = await federation.open('USA', { network: false })
})
afterAll(() => federation[Symbol.asyncDispose]())

const add = (fields: Record<string, string>, labels: Record<string, Label> = {}) =>
  usa.recordAdd({ kind: 'gap', dataset: 'needs', fields, labels, ...by })

const signedBy = async (
  node: NodeApi,
  id: string,
  labels: Readonly<Record<string, Label>>,
  key = 'USA',
) => {
  const base = await node.recordBase(id)
  const { fields } = await node.recordShow(id)
  const said = Object.keys(labels).map((name) => [name, fields[name]?.value ?? null] as const)
  const order: LabelOrder = {
    nation: 'USA',
    record: id,
    base,
    labels,
    values: digestOf(Object.fromEntries(said)),
    reason: by.reason,
  }
  const { sign } = readSigner(join(federation.root, 'authority', `${key}.authority.pem`))
  return { base, signatures: [signJws(labelOrderType, order, sign)] }
}

describe('a wider label', () => {
  const labels = { title: open }
  const widen = { set: { title: { label: open } }, ...by }
  let id = ''
  beforeAll(async () => {
    id = (await add({ title: 'a gap' }, { title: secret })).id
  })

  test('is refused without an authority', async () => {
    await expect(usa.recordEdit({ id, ...widen })).rejects.toMatchObject({ code: 'LABEL_WIDENS' })
  })

  test.each<[string, () => Promise<{ base: string; signatures: string[] }>]>([
    ['an authority of another nation', () => signedBy(usa, id, labels, 'GBR')],
    ['an authority for another label', () => signedBy(usa, id, { title: onlyFor('GBR') })],
    [
      'an authority for another record',
      async () => signedBy(usa, (await add({ title: 'b' })).id, labels),
    ],
    ['nobody', async () => ({ ...(await signedBy(usa, id, labels)), signatures: [] })],
  ])('signed by %s is refused', async (_, order) => {
    const signed = { ...(await order()), base: await usa.recordBase(id) }
    await expect(usa.recordEdit({ id, ...widen, order: signed })).rejects.toMatchObject({
      code: 'LABEL_ORDER_UNSIGNED',
    })
  })

  test('that an authority signed for an earlier version is stale; for this one it holds, and history names who signed', async () => {
    const stale = await signedBy(usa, id, labels)
    await usa.recordEdit({ id, set: { title: { value: 'another gap' } }, ...by })
    await expect(usa.recordEdit({ id, ...widen, order: stale })).rejects.toMatchObject({
      code: 'LABEL_ORDER_STALE',
    })
    await usa.recordEdit({ id, ...widen, order: await signedBy(usa, id, labels) })
    expect((await usa.recordShow(id)).fields['title']?.label).toEqual(open)
    expect((await usa.recordHistory(id)).at(-1)?.widenedBy).toMatch(/USA/)
  })

  test('goes with the value that the authority saw: another one is refused under it', async () => {
    const source = await add({ title: 'seen' }, { title: secret })
    const order = await signedBy(usa, source.id, labels)
    const set = { title: { value: 'never seen', label: open } }
    await expect(usa.recordEdit({ id: source.id, set, ...by, order })).rejects.toMatchObject({
      code: 'LABEL_ORDER_UNSIGNED',
    })
  })

  test('is for the record as it stands when its turn comes', async () => {
    const source = await add({ title: 'seen' }, { title: secret })
    const order = await signedBy(usa, source.id, labels)
    const set = { title: { value: 'written meanwhile', label: secret } }
    const [written, widened] = await Promise.allSettled([
      usa.recordEdit({ id: source.id, set, ...by }),
      usa.recordEdit({ id: source.id, ...widen, order }),
    ])
    expect(written.status).toBe('fulfilled')
    expect(widened).toMatchObject({ reason: { code: 'LABEL_ORDER_STALE' } })
    expect((await usa.recordShow(source.id)).fields['title']).toMatchObject(set.title)
  })

  test('cannot be had again with an order that was used, though the record says again what it said', async () => {
    const source = await add({ title: 'back and forth' }, { title: secret })
    const order = await signedBy(usa, source.id, labels)
    const { version } = await usa.recordShow(source.id)
    await usa.recordEdit({ id: source.id, ...widen, order })
    await usa.recordEdit({ id: source.id, set: { title: { label: secret } }, ...by })
    expect((await usa.recordShow(source.id)).version).toBe(version)
    await expect(usa.recordEdit({ id: source.id, ...widen, order })).rejects.toMatchObject({
      code: 'LABEL_ORDER_STALE',
    })
  })

  test('cannot be had again with an old signature once the label was narrowed', async () => {
    const used = await signedBy(usa, id, labels)
    await usa.recordEdit({ id, set: { title: { label: secret } }, ...by })
    await expect(usa.recordEdit({ id, ...widen, order: used })).rejects.toMatchObject({
      code: 'LABEL_ORDER_STALE',
    })
  })
})

describe('a record', () => {
  test('goes back to what it said after one of its changes, but no label gets wider', async () => {
    const { id } = await add(
      { title: 'first', statement: 'old words' },
      { title: open, statement: open },
    )
    await usa.recordEdit({ id, set: { title: { value: 'second', label: secret } }, ...by })
    await usa.recordEdit({ id, unset: ['statement'], ...by })
    const restored = await usa.recordRestore({ id, to: 1, ...by })
    expect(restored.fields).toEqual({
      title: { value: 'first', label: secret },
      statement: { value: 'old words', label: open },
    })
    expect((await usa.recordHistory(id)).map(({ values }) => values['title'])).toEqual([
      'first',
      'second',
      undefined,
      'first',
    ])
    await expect(usa.recordRestore({ id, to: 9, ...by })).rejects.toMatchObject({
      code: 'VERSION_UNKNOWN',
    })
  })

  test('that was withdrawn comes back as it was', async () => {
    const { id } = await add({ title: 'withdrawn by mistake' })
    await usa.recordWithdraw({ id, ...by })
    expect((await usa.recordShow(id)).status).toBe('withdrawn')
    await usa.recordRestore({ id, ...by })
    expect((await usa.recordShow(id)).status).toBe('active')
  })

  test('is a draft until somebody says that it is active; that alone does not bring back a withdrawn one', async () => {
    const { id } = await usa.recordAdd({
      kind: 'gap',
      dataset: 'needs',
      fields: { title: 'in the making' },
      envelope: { status: 'draft' },
      ...by,
    })
    expect((await usa.recordShow(id)).status).toBe('draft')
    await usa.recordEdit({ id, envelope: { status: 'active' }, ...by })
    expect((await usa.recordShow(id)).status).toBe('active')
    await usa.recordWithdraw({ id, ...by })
    await expect(
      usa.recordEdit({ id, envelope: { status: 'active' }, ...by }),
    ).rejects.toMatchObject({
      code: 'VALUE_INVALID',
      message: expect.stringContaining('record restore'),
    })
    const all = {
      select: { where: ['title~making'] },
      envelope: { status: 'active' },
      ...by,
    } as const
    expect(await usa.recordBulkEdit({ ...all, trial: false })).toMatchObject({
      changed: 0,
      refused: [{ id, code: 'VALUE_INVALID' }],
    })
    expect((await usa.recordShow(id)).status).toBe('withdrawn')
  })

  test('is copied with its labels and says what it was derived from; the copy of a copy names both', async () => {
    const source = await add({ title: 'the source' }, { title: onlyFor('GBR') })
    const { record: copy } = await usa.recordCopy({ id: source.id, dataset: 'production', ...by })
    expect(copy).toMatchObject({
      dataset: 'production',
      envelope: { status: 'draft', derivedFrom: [{ record: source.id, originator: 'USA' }] },
      fields: { title: { value: 'the source', label: onlyFor('GBR') } },
    })
    const { record: second } = await usa.recordCopy({ id: copy.id, ...by })
    expect(second.envelope.derivedFrom).toEqual([
      { record: source.id, originator: 'USA' },
      { record: copy.id, originator: 'USA' },
    ])
  })

  test('keeps both jurisdictions that two people add at once, also many records in one go', async () => {
    const { id } = await add({ title: 'tagged twice' })
    const tags = [
      { regime: 'ITAR', code: 'VIII(h)(1)' },
      { regime: 'EAR', code: '3A001' },
    ] as const
    await Promise.all(
      tags.map((tag) => usa.recordEdit({ id, envelope: { addJurisdiction: [tag] }, ...by })),
    )
    expect((await usa.recordShow(id)).envelope?.jurisdiction).toEqual(tags)
    const more = { regime: 'UKML', code: 'ML4' } as const
    await usa.recordBulkEdit({
      select: { where: ['title=tagged twice'] },
      envelope: { addJurisdiction: [more] },
      trial: false,
      ...by,
    })
    expect((await usa.recordShow(id)).envelope?.jurisdiction).toEqual([...tags, more])
  })

  test('takes a jurisdiction and a day of review by hand; neither a wrong date nor a regime less', async () => {
    const { id } = await add({ title: 'controlled' })
    const jurisdiction = { regime: 'ITAR', code: 'VIII(h)(1)' } as const
    const edited = await usa.recordEdit({
      id,
      envelope: { reviewBy: '2026-01-01', addJurisdiction: [jurisdiction] },
      ...by,
    })
    expect(edited.envelope).toMatchObject({ reviewBy: '2026-01-01', jurisdiction: [jurisdiction] })
    const more = { regime: 'EAR', code: '3A001' } as const
    const both = await usa.recordEdit({ id, envelope: { addJurisdiction: [more] }, ...by })
    expect(both.envelope.jurisdiction).toEqual([jurisdiction, more])
    await expect(
      usa.recordEdit({ id, envelope: { reviewBy: 'soon' }, ...by }),
    ).rejects.toMatchObject({ code: 'VALUE_INVALID' })
  })
})
