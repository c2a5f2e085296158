import { join } from 'node:path'
import type { RunningNode } from '@entente/node'
import { peekJws } from '@entente/schema'
import { expect, test } from 'vitest'
import { auditOf } from '../support/audit-bundles.ts'
import { createFederation, type Federation } from '../support/federation.ts'
import { inSync, open, readRows } from '../support/scenario.ts'
import { openBoth, rate, restricted } from './two-nations.ts'

const DAY = 86_400_000

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
  // Its officer has an hour's notice of what ends.
  expect((await usa.status()).needs.approvals).toMatchObject({
    ending: 1,
    endsMs: Date.parse(until),
  })
  clock.ahead = 60_000
  await usa.approvalQueue({})
  await sees('the approval has ended', id, { description: 'new', title: 'Beacon' })
  expect((await usa.approvalQueue({})).items).toMatchObject([{ state: 'waiting', standing: false }])
  expect((await usa.status()).needs.approvals.ending).toBe(0)

  // GBR has no word of an officer, nor of there being one.
  const said = readRows(federation.folder('GBR'), 'SELECT jws FROM statement_in').map(({ jws }) =>
    peekJws(jws as string),
  )
  expect(said.length).toBeGreaterThan(3)
  // Digests and salts hold any four letters by chance.
  const digests = /(?<=")([\w-]{22}|[\w-]{43})(?=")/g
  expect(JSON.stringify(said).replaceAll(digests, '')).not.toMatch(/officer|approve|RATE/i)

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
  // Nor does a refusal go alone: what it refused would count again.
  await expect(usa.logErase({ leaves: leavesOf('deny'), ...law })).rejects.toMatchObject({
    code: 'ERASE_REFUSED',
    message: expect.stringContaining('would count again'),
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
