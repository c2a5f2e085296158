import { mkdtempSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { signJws, toBase64url } from '@entente/schema'
import { expect, test } from 'vitest'
import { signerOf, verifyEd25519 } from '../../schema/test/signers.ts'
import { openDatabase } from '../src/adapters/sqlite-database.ts'
import { createImportApi } from '../src/api/import-api.ts'
import type { Deps } from '../src/deps.ts'
import type { LeastLabel } from '../src/import/mapping/mapping.ts'
import { mappingSealType, sealOfMapping } from '../src/import/mapping/mapping-seal.ts'
import { parseMapping } from '../src/import/mapping/parse-mapping.ts'
import { tables } from '../src/layout.ts'
import { createView } from '../src/view/view.ts'
import { openLedger } from './ledger-fixture.ts'

const mapping = `
mapping: makers
edition: 1
kind: capability
dataset: production
originator: USA
source: { document: { const: a list } }
key: [id]
asOf: { const: 2026-05-01 }
handling: { originator_control: false, onward_release: free }
labels: { G: UNCLASSIFIED//REL TO GBR }
fields:
  title: { column: name, class: G }
  supplier: { column: maker, as: party }
  description: { column: note, label: UNCLASSIFIED//REL TO NOR }
`
const said = { author: 'planner', reason: 'the list of May' }

test('what a mapping names no label for is marked no lower than the default label of its dataset, and nothing gets wider', async () => {
  const base = mkdtempSync(join(tmpdir(), 'entente-default-label-'))
  using db = openDatabase(':memory:', tables)
  await using ledger = await openLedger(db)
  const deps = {
    db,
    clock: { nowMs: () => 0 },
    nation: 'USA',
    roster: { members: new Map() },
    onStep: () => {},
  } as unknown as Deps
  let least: LeastLabel | null = null
  const api = createImportApi(deps, ledger, createView(db), () => least)
  const stage = (name: string) => {
    const path = join(base, 'rows.json')
    writeFileSync(path, JSON.stringify([{ id: name, name, maker: 'Nammo', note: 'x' }]))
    return api.importStage({
      file: path,
      path,
      mapping: { file: 'm.yaml', text: mapping },
      ...said,
    })
  }
  const labels = (title: string) =>
    Object.fromEntries(
      ledger
        .list()
        .filter(({ fields }) => fields['title']?.value === title)
        .flatMap(({ fields }) => Object.entries(fields).map(([name, { label }]) => [name, label])),
    )
  try {
    await api.importApply({ id: (await stage('before')).id, ...said })
    const byClass = labels('before')
    expect(byClass['supplier']?.releasableTo).toEqual([])
    least = { classification: 'SECRET', caveats: ['NOFORN'] }
    const { id } = await stage('after')
    // What is applied is what was read, whatever the policy says by then.
    least = null
    await api.importApply({ id, ...said })
    const { supplier, ...mapped } = labels('after')
    expect(supplier).toMatchObject({
      classification: 'SECRET',
      releasableTo: [],
      caveats: expect.arrayContaining(['NOFORN', ...(byClass['supplier']?.caveats ?? [])]),
    })
    // Who wrote the mapping has said what these are.
    const { supplier: _, ...mappedBefore } = byClass
    expect(mapped).toEqual(mappedBefore)
  } finally {
    rmSync(base, { recursive: true })
  }
})

test('a default label that is lowered or gone widens nothing that is known, though authorities have signed the mapping; a label that they name does', async () => {
  const base = mkdtempSync(join(tmpdir(), 'entente-default-signed-'))
  using db = openDatabase(':memory:', tables)
  await using ledger = await openLedger(db)
  const key = signerOf(3)
  const authorities = [{ nation: 'USA', name: 'Alice', key: toBase64url(key.publicKey) }]
  const deps = {
    db,
    clock: { nowMs: () => 0 },
    nation: 'USA',
    verify: verifyEd25519,
    roster: { members: new Map([['USA', { nation: 'USA', policyQuorum: 1, authorities }]]) },
    onStep: () => {},
  } as unknown as Deps
  let least: LeastLabel | null = { classification: 'SECRET', caveats: ['NOFORN'] }
  const api = createImportApi(deps, ledger, createView(db), () => least)
  const path = join(base, 'rows.json')
  writeFileSync(path, JSON.stringify([{ id: '1', name: 'n', maker: 'Nammo', note: 'x' }]))
  const labelAfter = async (text: string) => {
    const seal = signJws(
      mappingSealType,
      sealOfMapping('USA', parseMapping(text, 'm.yaml')),
      key.sign,
    )
    const given = { file: 'm.yaml', text, signatures: [seal] }
    const { id } = await api.importStage({ file: path, path, mapping: given, ...said })
    await api.importApply({ id, ...said })
    return ledger.list()[0]?.fields['supplier']?.label
  }
  try {
    const before = await labelAfter(mapping)
    expect(before).toMatchObject({ classification: 'SECRET', releasableTo: [] })
    least = { classification: 'RESTRICTED', caveats: [] }
    expect(await labelAfter(mapping)).toEqual(before)
    least = null
    expect(await labelAfter(mapping)).toEqual(before)
    const wider = mapping
      .replace('edition: 1', 'edition: 2')
      .replace('as: party', 'as: party, label: RESTRICTED//REL TO GBR')
    expect(await labelAfter(wider)).toMatchObject({
      classification: 'RESTRICTED',
      releasableTo: ['GBR'],
    })
  } finally {
    rmSync(base, { recursive: true })
  }
})
