import { join } from 'node:path'
import { verifyBundles } from '@entente/audit'
import type { RunningNode } from '@entente/node'
import { verifyEd25519 } from '@entente/node'
import { feedProtocol, statementHash } from '@entente/node/testing'
import { openRoster, utf8 } from '@entente/schema'
import { formatBase64 } from '@entente/tlog'
import { afterAll, beforeAll, expect, test } from 'vitest'
import { pack, readDraft, rowsOf } from '../audit/draft.ts'
import { createFederation, eventually, type Federation } from '../support/federation.ts'
import { createRawPartner } from '../support/raw-partner.ts'
import { capability, inSync, livePolicy, openServing, readRows } from '../support/scenario.ts'

// The GBR takes a release in, says nothing, and shows books in which it never came.
let federation: Federation
let usa: RunningNode
const bundle = (nation: string) => join(federation.root, `${nation}.audit`)

beforeAll(async () => {
  federation = createFederation(['AUS', 'GBR', 'USA'])
  const [sender, gbr] = (await openServing(federation, ['USA', 'GBR', 'AUS'])) as [
    RunningNode,
    RunningNode,
  ]
  usa = sender
  await usa.policyInstall(federation.sign('USA', livePolicy('USA')))
  await gbr.subscribe({ dataset: 'production', from: 'USA', action: 'subscribe' })
  await usa.recordAdd(capability({ title: 'acknowledged' }))
  await eventually('GBR has it', async () => (await gbr.search({ text: 'acknowledged' }))[0])
  await inSync(usa, 'GBR')
  await gbr.auditExport({ directory: bundle('GBR'), withContent: true })
  await gbr[Symbol.asyncDispose]()
})
afterAll(() => federation[Symbol.asyncDispose]())

const audit = (...bundles: readonly ReadonlyMap<string, Uint8Array>[]) =>
  verifyBundles(
    bundles.map((files) => new Map(files)),
    {
      roster: openRoster(federation.roster, verifyEd25519),
      verify: verifyEd25519,
      atMs: Date.now(),
    },
  )
const codes = ({ findings }: ReturnType<typeof audit>) =>
  findings.map(({ nation, code }) => `${nation} ${code}`)

test('case 32: a receiver that denies having received stands on the list of what is not acknowledged, and the leaf still proves the decision', async () => {
  await using raw = await createRawPartner(federation, 'GBR', 'USA')
  await using channel = await raw.open(feedProtocol)
  const [held] = readRows(
    federation.folder('GBR'),
    "SELECT size, root FROM partner_checkpoint WHERE origin LIKE 'usa%' ORDER BY size DESC LIMIT 1",
  )
  const [feed] = readRows(
    federation.folder('GBR'),
    "SELECT feed_in.feed, body_seq, jws FROM feed_in JOIN statement_in ON statement_in.feed = feed_in.feed AND statement_in.seq = body_seq WHERE feed_in.sender = 'USA' AND dataset = 'production'",
  )
  const resume = {
    t: 'resume',
    checkpoint: { size: held?.['size'], root: formatBase64(held?.['root'] as Uint8Array) },
    feeds: [
      {
        feed: feed?.['feed'],
        seq: feed?.['body_seq'],
        hash: statementHash(feed?.['jws'] as string),
      },
    ],
  }
  await channel.send(utf8(JSON.stringify(resume)))
  const received = (async () => {
    for await (const bytes of channel.frames) {
      const text = Buffer.from(bytes).toString()
      if (text.includes('denied')) return text
    }
    return ''
  })()
  await usa.recordAdd(capability({ title: 'denied' }))
  expect(JSON.parse(await received)).toMatchObject({ t: 'statement', bodies: [{}] })

  const partner = (await usa.status()).partners.find(({ nation }) => nation === 'GBR')
  expect(partner).toMatchObject({ inSync: false, sent: { records: 2, acknowledged: false } })
  await usa.auditExport({ directory: bundle('USA'), withContent: true })
  const report = audit(pack(readDraft(bundle('GBR'))), pack(readDraft(bundle('USA'))))
  expect(codes(report)).toEqual(['GBR JOIN_UNACKNOWLEDGED'])
  // By itself the sender's log has no fault: every decision in it was replayed.
  const alone = audit(pack(readDraft(bundle('USA'))))
  expect(codes(alone)).toEqual([])
  expect(alone.nations['USA']).toMatchObject({ checkedContent: true })
})

test('case 31: data that went around the log, where the receiver is patched too, is found by joining both', async () => {
  const draft = readDraft(bundle('GBR'))
  const rows = rowsOf(draft, 'held.jsonl')
  rows.push({ ...rows[0], record: `urn:entente:${'0'.repeat(32)}` })
  const report = audit(pack(draft), pack(readDraft(bundle('USA'))))
  expect(codes(report).sort()).toEqual(['GBR JOIN_UNACKNOWLEDGED', 'GBR JOIN_WITHOUT_LEAF'])
})
