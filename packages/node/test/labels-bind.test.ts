import { readdirSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { type Label, type Nation, parseLabel, signJws } from '@entente/schema'
import { afterAll, beforeAll, describe, expect, test } from 'vitest'
import { mappingSealType, sealOfMapping } from '../src/import/mapping/mapping-seal.ts'
import { parseMapping } from '../src/import/mapping/parse-mapping.ts'
import { readSigner } from '../src/setup/index.ts'
import { type LoneNode, openLoneNode } from './lone-node.ts'

// What an analyst may do, in any order, without an authority's key: nothing known gets wider by it, and no tag goes.

const by = { author: 'analyst', reason: 'exercise' }
const labelOf = (text: string): Label => {
  const parsed = parseLabel(text)
  if (!parsed.ok) throw new Error(parsed.reason)
  return parsed.label
}
const wideText = 'UNCLASSIFIED//REL TO GBR,NOR'
const wide = labelOf(wideText)
const strictText = 'SECRET//NOFORN'
const strict = labelOf(strictText)
const tag = { regime: 'ITAR', code: 'VIII(h)(1)' } as const
const itar = 'jurisdiction: [{ regime: { const: ITAR }, code: { const: VIII(h)(1) } }]'
const closed = '{ originator_control: true, onward_release: none }'
const free = '{ originator_control: false, onward_release: free }'

interface About {
  readonly name: string
  readonly edition?: number
  readonly label?: string
  readonly more?: string
  readonly handling?: string
}
const mappingOf = ({
  name,
  edition = 1,
  label = strictText,
  more = '',
  handling = closed,
}: About) => `
mapping: ${name}
edition: ${edition}
kind: capability
dataset: production
originator: USA
source: { document: { const: sheet } }
key: [Part]
asOf: { const: "2026-01-01" }
handling: ${handling}
${more}
fields:
  title: { column: Part, label: "${label}" }
  supplier: { column: Maker, label: "${label}" }
`

let lone: LoneNode
let files = 0
beforeAll(async () => {
  lone = await openLoneNode('USA' as Nation)
})
afterAll(() => lone[Symbol.asyncDispose]())

function sealFor(text: string): string {
  const keys = join(lone.base, 'keys')
  const key = readdirSync(keys).find((name) => name.includes('authority')) ?? ''
  return signJws(
    mappingSealType,
    sealOfMapping('USA', parseMapping(text, 'm.yaml')),
    readSigner(join(keys, key)).sign,
  )
}

function written(text: string): string {
  const path = join(lone.base, `file-${++files}.csv`)
  writeFileSync(path, text)
  return path
}

async function take(path: string, text?: string, signatures: readonly string[] = []) {
  const mapping = text === undefined ? undefined : { file: 'm.yaml', text, signatures }
  const { id } = await lone.node.importStage({
    file: path,
    path,
    ...(mapping && { mapping }),
    ...by,
  })
  return lone.node.importApply({ id, author: by.author })
}

/** The one record that a mapping has made. */
async function made(part: string) {
  const [row] = await lone.node.recordList({ where: [`title=${part}`] })
  return lone.node.recordShow(row?.id ?? '')
}

describe('an unsigned mapping', () => {
  test('takes no jurisdiction away and loosens no handling, whatever a later edition says', async () => {
    const path = written('Part,Maker\ntagged,Works\n')
    const name = 'tagging'
    await take(path, mappingOf({ name, more: itar }))
    await take(path, mappingOf({ name, edition: 2, handling: free }))
    await take(
      path,
      mappingOf({ name, edition: 3, more: 'jurisdiction: [{ regime: { const: none } }]' }),
    )
    const { id, envelope } = await made('tagged')
    expect(envelope?.jurisdiction).toEqual([tag, { regime: 'none' }])
    expect(envelope?.handling).toEqual({ originator_control: true, onward_release: 'none' })
    const byHand = { regime: 'UKML', code: 'ML4' } as const
    await lone.node.recordEdit({ id, envelope: { addJurisdiction: [byHand] }, ...by })
    await take(path, mappingOf({ name, edition: 4, handling: free }))
    expect((await made('tagged')).envelope).toMatchObject({
      handling: { originator_control: true, onward_release: 'none' },
      jurisdiction: [tag, { regime: 'none' }, byHand],
    })
  })

  test('read again changes nothing, for all that it no longer says', async () => {
    const path = written('Part,Maker\nagain,Works\n')
    await take(path, mappingOf({ name: 'again', more: itar }))
    const second = await take(path, mappingOf({ name: 'again', edition: 2 }))
    expect(second).toMatchObject({ updated: 0, unchanged: 1 })
  })
})

describe('a signed mapping', () => {
  test('takes its tags back, but not those that a person has added; history says who answers for a wider label', async () => {
    const path = written('Part,Maker\nsigned,Works\n')
    const name = 'signing'
    await take(path, mappingOf({ name, more: itar }))
    const { id } = await made('signed')
    const byHand = { regime: 'UKML', code: 'ML4' } as const
    await lone.node.recordEdit({ id, envelope: { addJurisdiction: [byHand] }, ...by })
    const text = mappingOf({
      name,
      edition: 2,
      label: wideText,
      more: 'jurisdiction: [{ regime: { const: none } }]',
    })
    await take(path, text, [sealFor(text)])
    const { envelope, fields } = await lone.node.recordShow(id)
    expect(envelope?.jurisdiction).toEqual([{ regime: 'none' }, byHand])
    expect(fields['supplier']?.label).toEqual(wide)
    expect((await lone.node.recordHistory(id)).at(-1)?.widenedBy).toMatch(/USA/)
  })

  test('widens no more once authorities have signed a later edition', async () => {
    const path = written('Part,Maker\nsuperseded,Works\n')
    const name = 'superseded'
    const [two, three] = [
      mappingOf({ name, edition: 2, label: wideText }),
      mappingOf({ name, edition: 3 }),
    ]
    for (const text of [two, three])
      await lone.node.mappingSave({
        file: 'm.yaml',
        text,
        signatures: [sealFor(text)],
        author: 'analyst',
      })
    await take(path, three, [sealFor(three)])
    const draft = await lone.node.importStage({
      file: path,
      path,
      mapping: { name, edition: 2 },
      ...by,
    })
    expect(draft.signed).toBe(false)
    await lone.node.importApply({ id: draft.id, author: 'analyst' })
    await take(path, two, [sealFor(two)])
    expect((await made('superseded')).fields['supplier']?.label).toEqual(strict)
  })
})

describe('undo', () => {
  test('of an edited table leaves a field that was taken out bound as it was', async () => {
    const { id } = await lone.node.recordAdd({
      kind: 'capability',
      dataset: 'production',
      fields: { title: 'taken out', supplier: 'Secret Works' },
      labels: { title: wide, supplier: strict },
      ...by,
    })
    await lone.node.recordEdit({ id, unset: ['supplier'], ...by })
    const { version } = await lone.node.recordShow(id)
    const table = written(`entente.id,entente.version,supplier\n${id},${version},x\n`)
    const applied = await take(table)
    expect(applied.updated).toBe(1)
    await lone.node.importUndo({ id: applied.id, author: 'analyst' })
    const set = { supplier: { value: 'Secret Works', label: wide } }
    await expect(lone.node.recordEdit({ id, set, ...by })).rejects.toMatchObject({
      code: 'LABEL_WIDENS',
    })
    await lone.node.recordRestore({ id, to: 1, ...by })
    expect((await lone.node.recordShow(id)).fields['supplier']?.label).toEqual(strict)
  })

  test('of an import keeps the label of a field that the import had added', async () => {
    const name = 'adding'
    const path = written('Part,Maker\nadded,\n')
    await take(path, mappingOf({ name }))
    const more = await take(written('Part,Maker\nadded,Works\n'), mappingOf({ name }))
    await lone.node.importUndo({ id: more.id, author: 'analyst' })
    expect((await made('added')).fields).not.toHaveProperty('supplier')
    await take(
      written('Part,Maker\nadded,Works\n'),
      mappingOf({ name, edition: 2, label: wideText }),
    )
    expect((await made('added')).fields['supplier']?.label).toEqual(strict)
  })

  test('keeps the tag and the stricter handling that an import had brought', async () => {
    const name = 'stricter'
    const path = written('Part,Maker\nstricter,Works\n')
    await take(path, mappingOf({ name, handling: free }))
    const more = await take(path, mappingOf({ name, edition: 2, more: itar }))
    expect(more.updated).toBe(1)
    await lone.node.importUndo({ id: more.id, author: 'analyst' })
    expect((await made('stricter')).envelope).toMatchObject({
      jurisdiction: [tag],
      handling: { originator_control: true, onward_release: 'none' },
    })
  })
})
