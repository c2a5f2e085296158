import { join } from 'node:path'
import { performance } from 'node:perf_hooks'
import type { RunningNode } from '@entente/node'
import { expect, test } from 'vitest'
import { auditOf } from '../support/audit-bundles.ts'
import { createFederation, eventually, type Federation } from '../support/federation.ts'
import { capability, inSync, livePolicy, openServing, readRows } from '../support/scenario.ts'

const live = livePolicy('USA') as object
/** Titles go to all, the maker to the parties of one agreement. */
const policy = {
  ...live,
  rules: [
    {
      id: 'title-for-all',
      effect: 'permit',
      match: { recipientGroups: { intersects: ['PARTNERS'] }, field: { in: ['title'] } },
      reasonCode: 'TITLE',
      authority: 'Exercise terms',
    },
    {
      id: 'maker-by-agreement',
      effect: 'permit',
      match: { agreements: { intersects: ['maker-mou'] }, field: { in: ['supplier'] } },
      reasonCode: 'MAKER-MOU',
      authority: 'Exercise MOU on makers',
    },
  ],
  tests: [],
}
const agreement = (change: object) => ({
  id: 'maker-mou',
  title: 'Exercise MOU on makers',
  type: 'MOU',
  parties: [{ nation: 'GBR' }],
  uses: ['use'],
  ceiling: 'SECRET',
  items: [{ regime: 'ITAR', codes: ['XI'] }],
  effective: '2026-01-01',
  expires: '2028-01-01',
  ...change,
})
const register = (edition: number, change: object = {}) => ({
  nation: 'USA',
  edition,
  from: '2026-01-01',
  until: '2029-01-01',
  agreements: [agreement(change)],
})

async function begin(federation: Federation) {
  const [gbr, nor, usa] = await openServing(federation, ['GBR', 'NOR', 'USA'])
  if (gbr === undefined || nor === undefined || usa === undefined) throw new Error('not open')
  for (const each of [gbr, nor])
    await each.subscribe({ dataset: 'production', from: 'USA', action: 'subscribe' })
  await usa.policyInstall(federation.sign('USA', policy))
  const made = await usa.recordAdd(capability({ title: 'a sensor', supplier: 'Example Optics' }))
  const shown = async (node: RunningNode) => {
    const [row] = readRows(
      federation.folder(node.nation),
      'SELECT json FROM held_in WHERE record = ?',
      made.id,
    )
    const { disclosures } = JSON.parse(
      (row?.['json'] as string | undefined) ?? '{"disclosures":[]}',
    ) as {
      disclosures: [string, string, unknown][]
    }
    return disclosures
      .map(([, field]) => field)
      .sort()
      .join()
  }
  await eventually('both have the title', async () =>
    [await shown(gbr), await shown(nor)].every((fields) => fields === 'title'),
  )
  return { gbr, nor, usa, made, shown }
}

async function audited(federation: Federation, nodes: readonly RunningNode[]) {
  const folders: string[] = []
  for (const node of nodes) {
    folders.push(join(federation.root, `${node.nation}.audit`))
    await node.auditExport({ directory: folders.at(-1) ?? '', withContent: true })
  }
  return auditOf(federation, folders).findings
}

test('an agreement lets its parties have what it covers, and ends for them at its moment, by itself', async () => {
  await using federation = createFederation(['GBR', 'NOR', 'USA'])
  const { gbr, nor, usa, shown } = await begin(federation)
  await usa.registerInstall(federation.signRegister('USA', register(1)))
  await eventually('GBR has the maker', async () => (await shown(gbr)) === 'supplier,title')
  expect(await shown(nor)).toBe('title')
  const endsMs = Date.now() + 2_000
  const expires = new Date(endsMs).toISOString()
  await usa.registerInstall(federation.signRegister('USA', register(2, { expires })))

  await eventually('GBR has it no more', async () => (await shown(gbr)) === 'title', 10_000)
  expect(Date.now()).toBeGreaterThanOrEqual(endsMs)
  await inSync(usa, 'GBR')
  const [{ note } = { note: 'none' }] = readRows(
    federation.folder('USA'),
    "SELECT COUNT(*) AS note FROM ack_received JOIN feed_out USING (feed) WHERE recipient = 'GBR' AND ack_received.seq = feed_out.seq",
  )
  expect(note).toBe(1)
  await inSync(usa, 'NOR')
  expect(await audited(federation, [usa, gbr, nor])).toEqual([])
})

test('a tagged record goes under an agreement, and back at once when that is revoked', async () => {
  await using federation = createFederation(['GBR', 'NOR', 'USA'])
  const { gbr, nor, usa, made, shown } = await begin(federation)
  await usa.recordEdit({
    id: made.id,
    envelope: { addJurisdiction: [{ regime: 'ITAR', code: 'XI(c)' }] },
    author: 'analyst',
    reason: 'it is a defence article',
  })
  await eventually('nobody has a tagged record', async () =>
    [await shown(gbr), await shown(nor)].every((fields) => fields === ''),
  )
  await usa.registerInstall(federation.signRegister('USA', register(1)))
  await eventually('GBR is a party', async () => (await shown(gbr)) === 'supplier,title')
  expect(await shown(nor)).toBe('')

  const parties = [{ nation: 'GBR' }, { nation: 'NOR' }]
  await usa.registerInstall(federation.signRegister('USA', register(2, { parties })))
  await eventually('NOR is one too', async () => (await shown(nor)) === 'supplier,title')

  const before = performance.now()
  const revoked = new Date(Date.now() - 1000).toISOString()
  await usa.registerInstall(federation.signRegister('USA', register(3, { parties, revoked })))
  await eventually('nobody has it any more', async () =>
    [await shown(gbr), await shown(nor)].every((fields) => fields === ''),
  )
  process.stdout.write(`revoked and gone: ${Math.round(performance.now() - before)} ms\n`)
  const why = (await usa.why({ record: made.id, nation: 'GBR', field: 'supplier' })) as {
    fields: { words: string }[]
  }
  expect(why.fields[0]?.words).toContain('nearest is the agreement maker-mou: it was revoked on')
  await inSync(usa, 'GBR')
  await inSync(usa, 'NOR')
  expect(await audited(federation, [usa, gbr, nor])).toEqual([])
})

test('a register that is not newer, or that nobody with authority has signed, is refused by name', async () => {
  await using federation = createFederation(['GBR', 'USA'])
  await using usa = await federation.open('USA')
  await using gbr = await federation.open('GBR')
  await eventually('serves', async () =>
    [await usa.status(), await gbr.status()].every(({ state }) => state === 'serving'),
  )
  const signed = federation.signRegister('USA', register(1))
  await usa.registerInstall(signed)
  await expect(usa.registerInstall(signed)).rejects.toMatchObject({ code: 'POLICY_SUPERSEDED' })
  const byOther = { ...register(2), nation: 'GBR' }
  await expect(usa.registerInstall(federation.signRegister('GBR', byOther))).rejects.toMatchObject({
    code: 'POLICY_REFUSED',
    message: expect.stringContaining('GBR'),
  })
  const { register: document } = federation.signRegister('USA', register(2)) as { register: object }
  await expect(usa.registerInstall({ register: document, signatures: [] })).rejects.toMatchObject({
    message: expect.stringContaining('POLICY_UNSIGNED'),
  })
  const policySeal = federation.sign('USA', { ...live, edition: 2 }) as { signatures: string[] }
  await expect(
    usa.registerInstall({ register: document, signatures: policySeal.signatures }),
  ).rejects.toMatchObject({ message: expect.stringContaining('POLICY_SIGNATURE') })
  expect(await usa.registerShow()).toEqual(signed)
})
