import { join } from 'node:path'
import type { RunningNode } from '@entente/node'
import { expect, test } from 'vitest'
import { auditOf } from '../support/audit-bundles.ts'
import { findAll, folderEvidence } from '../support/evidence.ts'
import { createFederation, eventually } from '../support/federation.ts'
import { recordingTransport } from '../support/recording-transport.ts'
import { capability, inSync, livePolicy, open, openServing, secret } from '../support/scenario.ts'
import { newWord } from './canary.ts'

const said = { author: 'analyst', reason: 'a test of absence' }

test('what was put and taken back while a partner was away is never named to it', async () => {
  await using federation = createFederation(['GBR', 'NOR', 'USA'])
  const frames: Uint8Array[] = []
  const [gbr, usa, nor] = (await openServing(federation, ['GBR', 'USA', 'NOR'], (nation) => ({
    transport: recordingTransport(federation.folder(nation), ({ direction, partner, bytes }) => {
      if (direction === 'out' && partner === 'GBR') frames.push(bytes)
    }),
  }))) as [RunningNode, RunningNode, RunningNode]
  await usa.policyInstall(federation.sign('USA', livePolicy('USA')))
  await gbr.subscribe({ dataset: 'production', from: 'USA', action: 'subscribe' })
  const title = newWord()
  const before = await usa.recordAdd(capability({ title }))
  await eventually('GBR has it', async () => (await gbr.search({ text: title }))[0])
  await inSync(usa, 'GBR')
  await gbr[Symbol.asyncDispose]()
  const waiting = () => usa.status().then(({ log }) => log.published === log.size)

  // One record comes and goes; of another a field comes and goes.
  const [gone, field] = [newWord(), newWord()]
  const passing = await usa.recordAdd(capability({ title: gone }))
  await usa.recordEdit({ id: before.id, set: { supplier: { value: field, label: open } }, ...said })
  await eventually('both are released', async () => {
    const { lines = [] } = (await usa.preview({})).nations[0] ?? {}
    return lines.length === 0 && (await waiting())
  })
  await usa.recordEdit({ id: passing.id, set: { title: { label: secret } }, ...said })
  await usa.recordEdit({ id: before.id, set: { supplier: { label: secret } }, ...said })
  await eventually('both are taken back', waiting)
  frames.length = 0

  const back = await federation.open('GBR', {
    transport: recordingTransport(federation.folder('GBR'), () => {}),
  })
  await inSync(usa, 'GBR')
  const shown = await back.recordShow(before.id)
  expect(Object.keys(shown.fields)).toEqual(['title'])
  const evidence = [
    ...frames.map((bytes) => ({ place: 'frame', bytes })),
    ...folderEvidence(federation.folder('GBR')),
  ]
  const id = passing.id.slice('urn:entente:'.length)
  expect(findAll(evidence, [gone, field, id, 'supplier'])).toEqual([])
  expect(findAll(evidence, [title, before.id])).not.toEqual([])

  // The audit knows that what was never opened is not held.
  const bundles = [back, nor, usa].map((node) => join(federation.root, `${node.nation}.audit`))
  for (const [i, node] of [back, nor, usa].entries())
    await node.auditExport({ directory: bundles[i] ?? '', withContent: true })
  expect(auditOf(federation, bundles).findings).toEqual([])
})
