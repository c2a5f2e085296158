import { cpSync } from 'node:fs'
import { join } from 'node:path'
import { expect, test } from 'vitest'
import { findAll, folderEvidence } from '../support/evidence.ts'
import { createFederation, eventually } from '../support/federation.ts'
import { openLedgerOf } from '../support/ledger.ts'
import {
  capability,
  inSync,
  livePolicy,
  onlyFor,
  open,
  openServing,
  secret,
} from '../support/scenario.ts'
import { newWord } from './canary.ts'

const by = (author: string) => ({ author, reason: `seen by ${author}` })

test.each<[out: string, before: typeof open]>([
  ['was not out', onlyFor('NOR')],
  ['was out under a wide label, and is dropped', open],
])(
  'case 44: a value set secret on one node and its label lowered on another is held once they are merged: it %s',
  async (_, before) => {
    await using federation = createFederation(['GBR', 'USA'])
    const headquarters = federation.folder('USA')
    const [title, supplier, hush] = [newWord(), newWord(), newWord()]
    {
      const [gbr, usa] = await openServing(federation, ['GBR', 'USA'])
      await usa?.policyInstall(federation.sign('USA', livePolicy('USA')))
      await gbr?.subscribe({ dataset: 'production', from: 'USA', action: 'subscribe' })
      await usa?.recordAdd(capability({ title, supplier }, { supplier: before }))
      await eventually('GBR has it', async () => (await gbr?.search({ text: title }))?.[0])
      for (const node of [gbr, usa]) await node?.[Symbol.asyncDispose]()
    }
    const id = await (async () => {
      await using usa = await federation.open('USA', { network: false })
      return (await usa.search({ text: title }))[0]?.id ?? ''
    })()

    const laptop = join(federation.root, 'laptop')
    cpSync(headquarters, laptop, { recursive: true })
    {
      await using office = await openLedgerOf(headquarters, 'headquarters')
      const set = { supplier: { value: hush, label: secret } }
      await office.edit(id as never, { set }, by('ann'))
    }
    await using away = await openLedgerOf(laptop, 'laptop')
    const set = { supplier: { label: { ...open, releasableTo: ['GBR', 'PARTNERS'] } } }
    const answer = () => ({ by: 'USA authority', labels: { supplier: set.supplier.label } })
    await away.edit(id as never, { set }, by('bob'), answer)
    {
      await using office = await openLedgerOf(headquarters, 'headquarters')
      for (const shard of away.shards())
        await office.importShard(shard, await away.exportShard(shard))
    }

    const [gbr, usa] = await openServing(federation, ['GBR', 'USA'])
    if (gbr === undefined || usa === undefined) throw new Error('not open')
    const another = newWord()
    await usa.recordAdd(capability({ title: another }))
    await eventually('GBR has the next', async () => (await gbr.search({ text: another }))[0])
    await inSync(usa, 'GBR')
    expect((await usa.recordShow(id)).fields['supplier']).toMatchObject({ conflict: true })
    // Neither the secret nor what it took the place of stays with GBR, and the secret never was there.
    expect(Object.keys((await gbr.recordShow(id)).fields)).toEqual(['title'])
    const evidence = [...folderEvidence(federation.folder('GBR'))]
    expect(findAll(evidence, [hush])).toEqual([])
    expect(findAll(evidence, [title])).not.toEqual([])
  },
)
