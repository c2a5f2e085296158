import { cpSync } from 'node:fs'
import { join } from 'node:path'
import { joinLabels, type Label } from '@entente/schema'
import { expect, test } from 'vitest'
import { createFederation } from '../support/federation.ts'
import { openLedgerOf } from '../support/ledger.ts'
import { onlyFor, open } from '../support/scenario.ts'

const by = (author: string) => ({ author, reason: `seen by ${author}` })

test('what two nodes of one nation edited apart is shown with both values under the joined label, and a person chooses', async () => {
  await using federation = createFederation(['GBR', 'USA'])
  const headquarters = federation.folder('USA')
  const first = await federation.open('USA', { network: false })
  const both = onlyFor('GBR', 'NOR')
  const labels = { title: open, supplier: both, description: open }
  const { id } = await first.recordAdd({
    kind: 'capability',
    dataset: 'production',
    fields: { title: 'Beacon', supplier: 'Works', description: 'one' },
    labels,
    ...by('ann'),
  })
  await first[Symbol.asyncDispose]()

  // The laptop leaves with a copy of the ledger; it is another node, so its writes carry another name.
  const laptop = join(federation.root, 'laptop')
  cpSync(headquarters, laptop, { recursive: true })
  const narrower: Label = onlyFor('GBR')
  {
    await using office = await openLedgerOf(headquarters, 'headquarters')
    await office.edit(id, { set: { supplier: { value: 'Office Works' } } }, by('ann'))
  }
  await using away = await openLedgerOf(laptop, 'laptop')
  await away.edit(id, { set: { supplier: { value: 'Field Works', label: narrower } } }, by('bob'))
  await away.edit(id, { set: { description: { value: 'two' } } }, by('bob'))
  {
    await using office = await openLedgerOf(headquarters, 'headquarters')
    for (const shard of away.shards())
      await office.importShard(shard, await away.exportShard(shard))
  }

  const usa = await federation.open('USA', { network: false })
  const shown = await usa.recordShow(id)
  expect(shown.fields['description']?.value).toBe('two')
  expect(shown.fields['supplier']).toMatchObject({
    conflict: true,
    label: joinLabels(both, narrower),
  })
  const [conflict] = await usa.recordConflicts({})
  expect(conflict).toMatchObject({ id, title: 'Beacon' })
  const [field] = conflict?.fields ?? []
  expect(field?.label).toEqual(joinLabels(both, narrower))
  expect(
    field?.candidates.map(({ value, author, reason }) => [value, author, reason]).toSorted(),
  ).toEqual([
    ['Field Works', 'bob', 'seen by bob'],
    ['Office Works', 'ann', 'seen by ann'],
  ])

  const take = 1 + (field?.candidates.findIndex(({ value }) => value === 'Office Works') ?? 0)
  await usa.recordResolve({ id, field: 'supplier', take, ...by('carol') })
  expect((await usa.recordShow(id)).fields['supplier']).toEqual({
    value: 'Office Works',
    label: joinLabels(both, narrower),
    authority: 'own',
  })
  expect(await usa.recordConflicts({})).toEqual([])
})
