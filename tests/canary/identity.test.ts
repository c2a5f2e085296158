import { expect, test } from 'vitest'
import { findAll, folderEvidence, textEvidence } from '../support/evidence.ts'
import { createFederation, eventually } from '../support/federation.ts'
import { recordingTransport } from '../support/recording-transport.ts'
import {
  capability,
  inSync,
  livePolicy,
  openServing,
  readRows,
  secret,
} from '../support/scenario.ts'
import { newWord } from './canary.ts'

test('case 43: of a record whose identity is withheld nothing goes, and when it is withheld later all goes away', async () => {
  await using federation = createFederation(['GBR', 'USA'])
  const frames: Uint8Array[] = []
  const [gbr, usa] = await openServing(federation, ['GBR', 'USA'], (nation) => ({
    transport: recordingTransport(federation.folder(nation), ({ direction, bytes }) => {
      if (nation === 'USA' && direction === 'out') frames.push(bytes)
    }),
  }))
  if (gbr === undefined || usa === undefined) throw new Error('not open')
  await usa.policyInstall(federation.sign('USA', livePolicy('USA')))
  await gbr.subscribe({ dataset: 'production', from: 'USA', action: 'subscribe' })
  const [supplier, description, title, shown] = [newWord(), newWord(), newWord(), newWord()]
  // Every other field may go.
  const hidden = await usa.recordAdd(
    capability({ title, supplier, description }, { title: secret }),
  )
  const seen = await usa.recordAdd(capability({ title: shown, supplier: newWord() }))
  await eventually('GBR has the other', async () => (await gbr.search({ text: shown }))[0])
  await inSync(usa, 'GBR')
  const evidence = [
    ...folderEvidence(federation.folder('GBR')),
    ...frames.map((bytes) => ({ place: 'frame', bytes })),
    textEvidence('status', await gbr.status()),
  ]
  const id = hidden.id.slice('urn:entente:'.length)
  expect(findAll(evidence, [title, supplier, description, id])).toEqual([])
  expect(findAll(evidence, [shown])).not.toEqual([])
  expect(readRows(federation.folder('USA'), 'SELECT record FROM held')).toEqual([
    { record: seen.id },
  ])

  await usa.recordEdit({
    id: seen.id,
    set: { title: { label: secret } },
    author: 'analyst',
    reason: 'no longer',
  })
  await eventually(
    'GBR shows nothing of it',
    async () => (await gbr.search({ text: shown })).length === 0,
  )
  await inSync(usa, 'GBR')
  expect(readRows(federation.folder('GBR'), 'SELECT * FROM held_in')).toEqual([])
  expect(readRows(federation.folder('USA'), 'SELECT * FROM held')).toEqual([])
})
