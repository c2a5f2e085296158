import { readFileSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { isDeepStrictEqual } from 'node:util'
import { certifyOfficer, type QueueShown, type RunningNode, readSigner } from '@entente/node'
import { type Json, type Label, peekJws } from '@entente/schema'
import { expect, test } from 'vitest'
import { auditOf } from '../support/audit-bundles.ts'
import { createFederation, eventually, type Federation } from '../support/federation.ts'
import { runVerb } from '../support/run-verb.ts'
import { inSync, open, openServing, readRows } from '../support/scenario.ts'

const DAY = 86_400_000
const restricted: Label = { ...open, classification: 'RESTRICTED' }
const rate = (number: string): Json => ({ number, unit: 'each', per: 'year' })

/** All goes to GBR; the rate waits for an officer, and for two where it is restricted. */
const policy = (edition: number) => ({
  nation: 'USA',
  edition,
  from: '2020-01-01',
  until: '2099-01-01',
  datasets: { production: { mode: 'live', title: 'Production' } },
  groups: { PARTNERS: [{ nation: 'GBR', from: '2020-01-01' }] },
  ceilings: { GBR: 'SECRET' },
  bands: {},
  rules: [
    {
      id: 'all',
      match: { recipient: { in: ['GBR'] }, kind: { in: ['capability'] } },
      effect: 'permit',
      reasonCode: 'ALL',
      authority: 'exercise',
    },
    {
      id: 'rates-wait',
      match: { field: { in: ['rate_max'] } },
      effect: 'approve',
      reasonCode: 'RATE-OFFICER',
    },
  ],
  approvals: { needed: { RESTRICTED: 2 }, overdueAfterHours: 1 },
  tests: [],
})

/** Two serving nodes; the USA has two release officers, whose keys lie elsewhere. */
async function openBoth(federation: Federation) {
  const clock = { ahead: 0, nowMs: () => Date.now() + clock.ahead }
  const key = (name: string) => join(federation.root, 'authority', name)
  const second = { name: 'Officer 2', keyPath: key('USA.officer-2.pem') }
  certifyOfficer(federation.folder('USA'), readSigner(federation.rootKey('USA')), second)
  federation.renew()
  const [gbr, usa] = (await openServing(federation, ['GBR', 'USA'], () => ({ clock }))) as [
    RunningNode,
    RunningNode,
  ]
  await usa.policyInstall(federation.sign('USA', policy(1)))
  await gbr.subscribe({ dataset: 'production', from: 'USA', action: 'subscribe' })
  await eventually(
    'the USA knows',
    () => readRows(federation.folder('USA'), 'SELECT 1 FROM subscription')[0],
  )
  const files = { queue: key('queue.json'), signed: key('signed.json') }
  /** As an officer does it: at a machine that has the key and the carried queue, and no node. */
  const speak = async (
    verb: 'approve' | 'refuse',
    keyFile: string,
    more: readonly string[] = [],
    change: (queue: QueueShown) => QueueShown = (queue) => queue,
  ) => {
    const queue = change(await usa.approvalQueue({ approved: verb === 'refuse' }))
    writeFileSync(files.queue, JSON.stringify({ format: 'entente-approval-queue/1', ...queue }))
    const ids = queue.items.map(({ id }) => id)
    const why = ['--reason', 'a test']
    const signed = `${files.signed}.${Math.random()}`
    const carried = ['--from', files.queue, '--out', signed, '--key', key(keyFile)]
    const ran = await runVerb('release', verb, ...ids, ...carried, ...why, ...more)
    if (ran.stderr !== '') throw new Error(ran.stderr)
    const { words } = JSON.parse(readFileSync(signed, 'utf8')) as {
      words: Parameters<RunningNode['approvalTake']>[0]['words']
    }
    return usa.approvalTake({ words })
  }
  const seen = async (id: string) => {
    const has = (await gbr.recordList({})).some((row) => row.id === id)
    const fields = has ? (await gbr.recordShow(id)).fields : {}
    return Object.fromEntries(Object.entries(fields).map(([name, { value }]) => [name, value]))
  }
  const sees = (what: string, id: string, wanted: Record<string, Json>) =>
    eventually(what, async () => isDeepStrictEqual(await seen(id), wanted))
  const add = (value: Json, label: Label, author = 'analyst') =>
    usa.recordAdd({
      kind: 'capability',
      dataset: 'production',
      author,
      reason: 'a test of approvals',
      fields: { title: 'Beacon', rate_max: value },
      labels: { title: open, rate_max: label },
    })
  return { clock, gbr, usa, speak, sees, add }
}

/** Both sides are audited, and nothing is found. */
async function audited(federation: Federation, nodes: readonly RunningNode[], atMs: number) {
  const [gbr, usa] = nodes as [RunningNode, RunningNode]
  await inSync(usa, 'GBR')
  const bundles = await Promise.all(
    [gbr, usa].map(async (node) => {
      const directory = join(federation.root, `bundle-${node.nation}`)
      await node.auditExport({ directory, withContent: true })
      return directory
    }),
  )
  expect(auditOf(federation, bundles, atMs).findings).toEqual([])
}

test('a value waits, goes when an officer approves it, stays through an edit, and is dropped when its approval ends', async () => {
  await using federation = createFederation(['GBR', 'USA'])
  const { clock, gbr, usa, speak, sees, add } = await openBoth(federation)
  const { id } = await add(rate('25'), open)
  await sees('GBR sees the title alone', id, { title: 'Beacon' })
  const { items, officers } = await usa.approvalQueue({})
  expect(officers).toEqual(['USA release officer', 'Officer 2'])
  expect(items).toMatchObject([
    {
      state: 'waiting',
      title: 'Beacon',
      subject: { record: id, field: 'rate_max', recipient: 'GBR', level: 'exact' },
      because: ['RATE-OFFICER'],
      authors: ['analyst'],
      needed: 1,
      signed: [],
    },
  ])
  expect((await usa.status()).needs.approvals).toMatchObject({ waiting: 1, overdue: 0 })

  // Neither the authority, nor an officer of another nation, nor the node can release.
  for (const file of ['USA.authority.pem', 'GBR.officer.pem', '../USA/keys/statement.pem'])
    await expect(speak('approve', file)).rejects.toMatchObject({ code: 'APPROVAL_SIGNER' })
  await sees('GBR sees no more', id, { title: 'Beacon' })

  await speak('approve', 'USA.officer.pem')
  await sees('GBR sees the rate', id, { rate_max: rate('25'), title: 'Beacon' })
  expect((await usa.approvalQueue({})).items).toEqual([])

  // An edit of what waits, and of what does not: the one stays as it was approved, the other goes.
  const by = { author: 'analyst', reason: 'a newer figure' }
  const set = { rate_max: { value: rate('40') }, description: { value: 'new', label: open } }
  await usa.recordEdit({ id, set, ...by })
  const before = { rate_max: rate('25'), title: 'Beacon' }
  await sees('the rest goes, the rate stays', id, { description: 'new', ...before })
  expect((await usa.approvalQueue({})).items).toMatchObject([{ standing: true, state: 'waiting' }])
  expect(await usa.why({ record: id, nation: 'GBR', field: 'rate_max' })).toMatchObject({
    fields: [
      {
        effect: 'approve',
        level: 'exact',
        words:
          'an older value goes, approved by USA release officer until 2099-01-01; 0 of 1 officers have signed; needs approval: RATE-OFFICER (row rates-wait of USA edition 1)',
      },
    ],
  })
  await usa.approvalHold({
    ids: (await usa.approvalQueue({})).items.map((item) => item.id),
    untilMs: Date.now() + DAY,
    reason: 'asked the maker',
  })
  expect((await usa.status()).needs.approvals.waiting).toBe(0)

  const until = new Date(clock.nowMs() + 60_000).toISOString()
  await speak('approve', 'USA.officer-2.pem', ['--until', until])
  await sees('the new rate', id, { description: 'new', rate_max: rate('40'), title: 'Beacon' })
  clock.ahead = 60_000
  await usa.approvalQueue({})
  await sees('the approval has ended', id, { description: 'new', title: 'Beacon' })
  expect((await usa.approvalQueue({})).items).toMatchObject([{ state: 'waiting', standing: false }])

  // GBR has no word of an officer, nor of there being one.
  const said = readRows(federation.folder('GBR'), 'SELECT jws FROM statement_in').map(({ jws }) =>
    peekJws(jws as string),
  )
  expect(said.length).toBeGreaterThan(3)
  expect(JSON.stringify(said)).not.toMatch(/officer|approve|RATE/i)

  await audited(federation, [gbr, usa], clock.nowMs())
})

test('two officers sign what is restricted, neither of whom wrote it, and one can take it back', async () => {
  await using federation = createFederation(['GBR', 'USA'])
  const { clock, gbr, usa, speak, sees, add } = await openBoth(federation)
  const { id } = await add(rate('7'), restricted, 'officer  2')
  await sees('GBR sees the title alone', id, { title: 'Beacon' })
  await expect(speak('approve', 'USA.officer-2.pem')).rejects.toMatchObject({
    code: 'APPROVAL_AUTHOR',
  })
  await speak('approve', 'USA.officer.pem')
  expect((await usa.approvalQueue({})).items).toMatchObject([
    { needed: 2, signed: [{ name: 'USA release officer' }], state: 'waiting' },
  ])
  // A person who did not write it says it again, and the same officer signing twice is one.
  await speak('approve', 'USA.officer.pem')
  const set = { rate_max: { value: rate('8') } }
  await usa.recordEdit({ id, set, author: 'analyst', reason: 'measured' })
  await speak('approve', 'USA.officer.pem')
  await sees('GBR sees the title alone', id, { title: 'Beacon' })
  await speak('approve', 'USA.officer-2.pem')
  await sees('GBR sees the rate', id, { rate_max: rate('8'), title: 'Beacon' })

  const { words } = await speak('refuse', 'USA.officer-2.pem')
  expect(words).toMatchObject([{ outcome: 'taken', by: 'Officer 2', decision: 'deny' }])
  await sees('the rate is gone', id, { title: 'Beacon' })
  expect((await usa.approvalQueue({})).items).toMatchObject([{ state: 'refused' }])

  // An approval is erased together with what rests on it, or not at all.
  const leavesOf = (kind: string) =>
    readRows(
      federation.folder('USA'),
      'SELECT idx FROM statement WHERE kind = ? AND jws IS NOT NULL',
      kind,
    ).map(({ idx }) => idx as number)
  const law = { ground: 'a law', authority: 'a court' }
  const approvals = leavesOf('approve')
  await expect(usa.logErase({ leaves: approvals, ...law })).rejects.toMatchObject({
    code: 'ERASE_REFUSED',
  })
  await inSync(usa, 'GBR')
  await usa.logErase({ leaves: [...approvals, ...leavesOf('release')], ...law })
  expect(readRows(federation.folder('USA'), 'SELECT decision FROM approval')).toEqual([
    { decision: 'deny' },
  ])
  await audited(federation, [gbr, usa], clock.nowMs())

  // What was signed over another value is stale.
  const stale = await usa.approvalQueue({})
  await usa.recordEdit({
    id,
    set: { rate_max: { value: rate('9') } },
    author: 'analyst',
    reason: 'x',
  })
  await expect(speak('approve', 'USA.officer.pem', [], () => stale)).rejects.toMatchObject({
    code: 'APPROVAL_STALE',
  })
  // A value slipped under another's digest is seen before it is signed.
  await expect(
    speak('approve', 'USA.officer.pem', [], (queue) => ({
      ...queue,
      items: queue.items.map((item) => ({
        ...item,
        disclosure: [item.disclosure[0], item.disclosure[1], rate('1')],
      })),
    })),
  ).rejects.toThrow('the value shown is not the one that would be signed')
})
