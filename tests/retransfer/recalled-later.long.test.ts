import { join } from 'node:path'
import { verifyBundles } from '@entente/audit'
import { loadNodeFolder, type RunningNode, readSigner, verifyEd25519 } from '@entente/node'
import {
  type Nation,
  openRoster,
  RetransferConsent,
  type Sign,
  sealConsent,
  sealRootRecall,
  signJws,
  toBase64url,
  withRevocations,
} from '@entente/schema'
import { afterAll, beforeAll, expect, test } from 'vitest'
import { auditOf, readBundle } from '../support/audit-bundles.ts'
import { createFederation, eventually, type Federation } from '../support/federation.ts'
import { installAt, joinFederation, openAt } from '../support/further-node.ts'
import { createMemoryLines, type MemoryLines } from '../support/memory-federation.ts'
import { inSync, open, openServing, permitAll, readRows } from '../support/scenario.ts'

const by = { author: 'analyst', reason: 'base of our own' }
const HOUR = 3_600_000

let federation: Federation
let aus: RunningNode
let nor: RunningNode
let usa: RunningNode
/** Another node of AUS, which releases nothing. */
let forward: RunningNode
let forwardAt: ReturnType<typeof joinFederation>
/** One that is never opened. */
let secondAt: ReturnType<typeof joinFederation>
let lines: MemoryLines
let options: MemoryLines['options']

beforeAll(async () => {
  federation = createFederation(['AUS', 'NOR', 'USA'])
  forwardAt = joinFederation(federation, 'AUS', 'forward')
  secondAt = joinFederation(federation, 'AUS', 'second')
  federation.renew()
  installAt(federation, forwardAt.folder)
  lines = createMemoryLines(federation)
  ;({ options } = lines)
  ;[aus, nor, usa] = (await openServing(federation, ['AUS', 'NOR', 'USA'], options)) as [
    RunningNode,
    RunningNode,
    RunningNode,
  ]
  forward = await openAt(forwardAt.folder, lines.optionsAt(forwardAt.folder))
  await aus.policyInstall(federation.sign('AUS', permitAll('AUS', ['USA'])))
  await usa.policyInstall(federation.sign('USA', permitAll('USA', ['AUS', 'NOR'])))
  await usa.subscribe({ dataset: 'production', from: 'AUS', action: 'subscribe' })
  await nor.subscribe({ dataset: 'production', from: 'USA', action: 'subscribe' })
})
afterAll(async () => {
  await forward?.[Symbol.asyncDispose]()
  await federation[Symbol.asyncDispose]()
})

const rowsOf = (nation: Nation, sql: string, ...values: string[]) =>
  readRows(federation.folder(nation), sql, ...values)
const has = async (node: RunningNode, record: string) =>
  (await node.recordList({})).some(({ id }) => id === record)

/** A record of AUS that the USA holds, and NOR by consent. @returns it, and the leaf that gave it */
async function handedOn(title: string): Promise<{ record: string; index: number }> {
  const { id } = await aus.recordAdd({
    kind: 'capability',
    dataset: 'production',
    ...by,
    fields: { title },
    labels: { title: open },
  })
  const record: string = id
  await eventually('the USA has it', () => has(usa, record))
  await inSync(aus, 'USA')
  await usa.retransferAdd({ record, dataset: 'production' })
  const { head } = await aus.consentDraft({ record, holder: 'USA' })
  const officer = readSigner(join(federation.root, 'authority', 'AUS.officer.pem'))
  const consent = RetransferConsent.parse({
    nation: 'AUS',
    key: toBase64url(officer.publicKey),
    holder: 'USA',
    record,
    head,
    fields: ['title'],
    transform: null,
    derived: false,
    recipients: ['NOR'],
    purpose: 'use',
    until: Date.now() + HOUR,
  })
  await aus.consentSend({ seal: sealConsent(consent, officer.sign) })
  await eventually('NOR has it', () => has(nor, record))
  await Promise.all([inSync(aus, 'USA'), inSync(usa, 'NOR')])
  const [put] = rowsOf('AUS', 'SELECT idx FROM entry_out WHERE record = ?', record)
  return { record, index: put?.['idx'] as number }
}

test('a recall that comes after the drop of what it names is passed on all the same, and proven', async () => {
  const { record, index } = await handedOn('Beacon')
  // Dropped in its place, and with it at whom it was handed on to.
  await aus.recordEdit({
    id: record as never,
    set: { title: { label: { ...open, releasableTo: [] } } },
    ...by,
  })
  await eventually('NOR has nothing', async () => !(await has(nor, record)))
  await Promise.all([inSync(aus, 'USA'), inSync(usa, 'NOR')])
  expect(rowsOf('USA', 'SELECT 1 FROM held_in WHERE record = ?', record)).toEqual([])
  await aus.recall({ index, purge: true, reason: 'sent by mistake' })
  await eventually('it is passed on, and NOR has said that it purged', () =>
    rowsOf('USA', 'SELECT purged FROM recall_out').some(({ purged }) => purged !== null),
  )
  await eventually('all is proven', async () =>
    (await aus.status()).partners.every(({ sent }) => sent.unproven === 0),
  )
  await inSync(aus, 'USA')
  expect(rowsOf('USA', 'SELECT 1 FROM recall_out')).toHaveLength(1)
})

test('what the root recalls goes everywhere at once, with its node away; it comes again only when that names the recall', async () => {
  const { record } = await handedOn('Lantern')
  const { record: other } = await handedOn('Torch')
  await aus[Symbol.asyncDispose]()
  const said = { records: [record], purge: true, reason: 'laptop stolen', at: Date.now() }
  const root = (nation: Nation) => readSigner(federation.rootKey(nation)).sign
  const tell = (node: RunningNode, seal: string) => node.rootRecallTake({ seals: [seal] })
  // Another nation's root recalls nothing of it, in neither name.
  await expect(
    tell(usa, sealRootRecall({ ...said, nation: 'AUS' }, root('NOR'))),
  ).rejects.toMatchObject({ code: 'ROOT_RECALL_SIGNATURE' })
  await expect(tell(usa, 'a.b.c')).rejects.toMatchObject({ code: 'ROOT_RECALL_FORM' })
  await tell(usa, sealRootRecall({ ...said, nation: 'NOR' }, root('NOR')))
  expect([await has(usa, record), await has(nor, record)]).toEqual([true, true])

  const seal = sealRootRecall({ ...said, nation: 'AUS' }, root('AUS'))
  expect(await tell(nor, seal)).toHaveLength(1)
  expect(await tell(nor, seal)).toEqual([])
  expect(await has(nor, record)).toBe(false)
  await eventually('the USA has heard it', async () => !(await has(usa, record)))
  expect([await has(usa, other), await has(nor, other)]).toEqual([true, true])
  await eventually('it is passed on as a recall of the USA too, and proven', () =>
    rowsOf('USA', 'SELECT purged FROM recall_out').every(({ purged }) => purged !== null),
  )

  ;[aus] = (await openServing(federation, ['AUS'], options)) as [RunningNode]
  const unproven = () => rowsOf('AUS', 'SELECT purged, unproven FROM root_recall_out')
  await eventually('AUS has heard its root, and the proof', () =>
    unproven().some(({ purged, unproven: open }) => purged === 1 && open === 0),
  )
  await inSync(aus, 'USA')
  expect((await aus.status()).partners.every(({ sent }) => sent.unproven === 0)).toBe(true)
  // Its policy still permits it.
  await aus.recordEdit({ id: record as never, set: { title: { value: 'Lantern 2' } }, ...by })
  await inSync(aus, 'USA')
  expect(await has(usa, record)).toBe(false)
  await aus.allowAgain({ record, nation: 'USA' })
  await eventually('the USA has it again', () => has(usa, record))
  await inSync(aus, 'USA')
})

const unprovenAt = async (node: RunningNode): Promise<number> =>
  (await node.status()).partners.reduce((sum, { sent }) => sum + sent.unproven, 0)

test('another node of the nation recalls what headquarters released, with headquarters away', async () => {
  const { record } = await handedOn('Siren')
  const { record: other } = await handedOn('Gong')
  await eventually('the forward office knows it', () => has(forward, record))
  const hq = loadNodeFolder(federation.folder('AUS'))
  const office = loadNodeFolder(forwardAt.folder)
  // What the one says the other hears from partners alone.
  lines.network.partition(hq.peerId, office.peerId)
  await aus[Symbol.asyncDispose]()

  const tell = (node: RunningNode, seal: string) => node.rootRecallTake({ seals: [seal] })
  const said = { nation: 'AUS', records: [record], purge: true, reason: 'stolen', at: Date.now() }
  const forge = (origin: string, sign: Sign) =>
    signJws('entente-nation-recall', { ...said, origin }, sign)
  const norway = loadNodeFolder(federation.folder('NOR'))
  const byNorway = norway.keys.statement.sign
  // A node of another nation recalls nothing of it, in neither name; nor does the word of a node under the log of another.
  for (const [seal, code] of [
    [forge(norway.config.origin, byNorway), 'NODE_RECALL_NODE'],
    [forge(office.config.origin, byNorway), 'NODE_RECALL_SIGNATURE'],
    [forge(hq.config.origin, office.keys.statement.sign), 'NODE_RECALL_SIGNATURE'],
  ] as const)
    await expect(tell(usa, seal)).rejects.toMatchObject({ code })
  await nor.nationRecall({ records: [record], purge: true, reason: 'not ours' })
  expect([await has(usa, record), await has(nor, record)]).toEqual([true, true])

  const { digest, nations } = await forward.nationRecall({
    records: [record],
    purge: true,
    reason: 'headquarters is lost',
  })
  expect([...nations].sort()).toEqual(['NOR', 'USA'])
  await eventually('both have let it go', async () =>
    (await Promise.all([usa, nor].map((node) => has(node, record)))).every((held) => !held),
  )
  expect([await has(usa, other), await has(nor, other)]).toEqual([true, true])
  await eventually('it is passed on as a recall of the USA too, and proven', () =>
    rowsOf('USA', 'SELECT purged FROM recall_out').every(({ purged }) => purged !== null),
  )
  // Their words go to headquarters, which receives for all.
  expect(await unprovenAt(forward)).toBe(2)

  ;[aus] = (await openServing(federation, ['AUS'], options)) as [RunningNode]
  await eventually(
    'headquarters has heard it from partners, and the proof of whom it had given it',
    () =>
      rowsOf('AUS', 'SELECT purged FROM root_recall_out WHERE digest = ?', digest).some(
        ({ purged }) => purged === 1,
      ),
  )
  await inSync(aus, 'USA')
  expect(await unprovenAt(forward)).toBe(2)
  lines.network.heal(hq.peerId, office.peerId)
  await eventually(
    'all is proven at the node that recalled',
    async () => (await unprovenAt(forward)) === 0,
  )
  // Its policy still permits it.
  await aus.recordEdit({ id: record as never, set: { title: { value: 'Siren 2' } }, ...by })
  await inSync(aus, 'USA')
  expect(await has(usa, record)).toBe(false)
  await aus.allowAgain({ record, nation: 'USA' })
  await eventually('the USA has it again', () => has(usa, record))
  await inSync(aus, 'USA')
  const [put] = rowsOf(
    'AUS',
    'SELECT opening FROM entry_out WHERE record = ? ORDER BY idx DESC LIMIT 1',
    record,
  )
  expect(JSON.parse(put?.['opening'] as string)[1].recalls).toEqual([digest])
  // Headquarters that no partner can reach hears it from its own office, before a partner could be given more.
  const partners = ['USA', 'NOR'].map((nation) => loadNodeFolder(federation.folder(nation)).peerId)
  for (const peer of partners) lines.network.partition(hq.peerId, peer)
  await forward.nationRecall({ records: [other], purge: false, reason: 'not for handing on' })
  await eventually(
    'headquarters keeps it back',
    () => rowsOf('AUS', 'SELECT 1 FROM recalled_out WHERE record = ?', other).length === 2,
  )
  for (const peer of partners) lines.network.heal(hq.peerId, peer)
  await inSync(aus, 'USA')
  expect([await has(usa, other), await has(nor, other)]).toEqual([false, false])
  // Told again it does nothing.
  const [word] = rowsOf('USA', 'SELECT seal FROM root_recall WHERE digest = ?', digest)
  expect(await tell(usa, word?.['seal'] as string)).toEqual([])
  expect(await has(usa, record)).toBe(true)
}, 120_000)

test('who has handed a record on recalls that by its own word, and nothing of its originator', async () => {
  const { record } = await handedOn('Bell')
  const { digest } = await usa.nationRecall({ records: [record], purge: true, reason: 'too early' })
  await eventually('NOR has let it go', async () => !(await has(nor, record)))
  await eventually('it is proven', async () => (await unprovenAt(usa)) === 0)
  expect([await has(aus, record), await has(usa, record)]).toEqual([true, true])
  await usa.allowAgain({ record, nation: 'NOR' })
  await eventually('NOR has it again, by that name', () => has(nor, record))
  const [put] = rowsOf(
    'USA',
    'SELECT opening FROM entry_out WHERE record = ? ORDER BY idx DESC LIMIT 1',
    record,
  )
  expect(JSON.parse(put?.['opening'] as string)[1].recalls).toEqual([digest])
})

test('the audit of all finds nothing', async () => {
  await Promise.all([inSync(usa, 'AUS'), inSync(usa, 'NOR'), inSync(nor, 'USA')])
  const bundles = await Promise.all(
    [aus, nor, usa, forward].map(async (node, i) => {
      const directory = join(federation.root, `bundle-${i}`)
      await node.auditExport({ directory, withContent: true })
      return directory
    }),
  )
  expect(auditOf(federation, bundles, Date.now()).findings).toEqual([])
})

test('a node whose key is revoked recalls nothing more, and what it had recalled counts no more anywhere', async () => {
  const { record } = await handedOn('Flare')
  const { origin } = loadNodeFolder(forwardAt.folder).config
  const { sign, publicKey } = loadNodeFolder(forwardAt.folder).keys.statement
  const said = { nation: 'AUS', records: [record], purge: true, reason: 'a thief', at: Date.now() }
  const word = (reason: string) =>
    signJws('entente-nation-recall', { ...said, reason, origin }, sign)
  // As the thief says it to one partner, before anybody knows.
  await nor.rootRecallTake({ seals: [word('first')] })
  await eventually(
    'all have let it go',
    async () => !(await has(usa, record)) && !(await has(nor, record)),
  )
  const revocation = {
    ...{ nation: 'AUS', origin, key: toBase64url(publicKey), lastGood: null },
    ...{ at: Date.now(), reason: 'office lost' },
  }
  const seal = signJws('entente-revocation', revocation, readSigner(federation.rootKey('AUS')).sign)
  await aus.revocationTake({ seals: [seal] })
  await eventually('all have heard that', async () => {
    const counted = ['AUS', 'NOR', 'USA'].map((nation) =>
      rowsOf(nation as Nation, 'SELECT 1 FROM root_recalled WHERE record = ?', record),
    )
    return counted.flat().length === 0
  })
  await expect(usa.rootRecallTake({ seals: [word('second')] })).rejects.toMatchObject({
    code: 'NODE_RECALL_REVOKED',
  })
  // It stays back until a person lets it go, and names nothing then.
  expect(await has(usa, record)).toBe(false)
  await aus.allowAgain({ record, nation: 'USA' })
  await eventually('the USA has it again', () => has(usa, record))
  const [put] = rowsOf(
    'AUS',
    'SELECT opening FROM entry_out WHERE record = ? ORDER BY idx DESC LIMIT 1',
    record,
  )
  expect(JSON.parse(put?.['opening'] as string)[1].recalls).toBe(undefined)
  // What AUS acknowledged after its bundle was made would be missing in it.
  await Promise.all([
    ...[inSync(aus, 'USA'), inSync(usa, 'NOR')],
    ...[inSync(usa, 'AUS'), inSync(nor, 'AUS')],
  ])
  // What had gone by it had gone rightly, for an auditor who has heard of the key too.
  const directories = [aus, nor, usa].map((node) => join(federation.root, `later-${node.nation}`))
  for (const [i, node] of [aus, nor, usa].entries())
    await node.auditExport({ directory: directories[i] as string, withContent: true })
  const roster = withRevocations(
    openRoster(federation.roster, verifyEd25519),
    [seal],
    verifyEd25519,
  )
  const trust = { roster, verify: verifyEd25519, atMs: Date.now() }
  expect(verifyBundles(directories.map(readBundle), trust).findings).toEqual([])
}, 60_000)

test('what a partner let go by the word of a thief that its nation never heard goes to it again, and nothing stops', async () => {
  // The key of the office is revoked by now; another office of AUS takes its place.
  const { record } = await handedOn('Rocket')
  const { origin } = loadNodeFolder(secondAt.folder).config
  const { sign, publicKey } = loadNodeFolder(secondAt.folder).keys.statement
  const hq = loadNodeFolder(federation.folder('AUS'))
  const partners = ['USA', 'NOR'].map((nation) => loadNodeFolder(federation.folder(nation)).peerId)
  for (const peer of partners) lines.network.partition(hq.peerId, peer)
  const said = { nation: 'AUS', records: [record], purge: true, reason: 'a thief', at: Date.now() }
  const word = signJws('entente-nation-recall', { ...said, origin }, sign)
  await usa.rootRecallTake({ seals: [word] })
  await eventually('the USA has purged, and NOR', () => {
    const given = rowsOf(
      'USA',
      'SELECT 1 FROM purge_given JOIN root_recall ON feed = digest WHERE seal = ?',
      word,
    )
    return given.length > 0
  })
  expect(await has(usa, record)).toBe(false)
  const revocation = {
    ...{ nation: 'AUS', origin, key: toBase64url(publicKey), lastGood: null },
    ...{ at: Date.now(), reason: 'office lost' },
  }
  const seal = signJws('entente-revocation', revocation, readSigner(federation.rootKey('AUS')).sign)
  await aus.revocationTake({ seals: [seal] })
  for (const peer of partners) lines.network.heal(hq.peerId, peer)
  await eventually('the USA has it again', () => has(usa, record))
  await Promise.all([inSync(aus, 'USA'), inSync(usa, 'AUS')])
  expect(rowsOf('AUS', 'SELECT 1 FROM root_recall WHERE seal = ?', word)).toEqual([])
  // What the USA says afterwards arrives.
  await usa.subscribe({ dataset: 'another', from: 'AUS', action: 'subscribe' })
  await eventually(
    'AUS has heard it',
    () => rowsOf('AUS', "SELECT 1 FROM subscription WHERE dataset = 'another'").length === 1,
  )
}, 60_000)
