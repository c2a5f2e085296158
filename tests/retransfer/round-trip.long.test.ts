import { readFileSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { certifyPerson, type RunningNode, readSigner } from '@entente/node'
import {
  digestOf,
  type Json,
  type Label,
  labelOrderType,
  peekJws,
  signJws,
  valuesOrdered,
} from '@entente/schema'
import { expect, test } from 'vitest'
import { auditOf } from '../support/audit-bundles.ts'
import { createFederation, eventually } from '../support/federation.ts'
import { runVerb } from '../support/run-verb.ts'
import { inSync, onlyFor, open, openServing, permitAll, readRows } from '../support/scenario.ts'

const HOUR = 3_600_000
const by = { author: 'analyst', reason: 'base of our own' }

test('AUS to USA to AUS: what is unchanged goes home, what was added by the USA’s policy; to NOR only with the consent of AUS, and as long as that lasts', async () => {
  await using federation = createFederation(['AUS', 'NOR', 'USA'])
  const clock = { ahead: 0, nowMs: () => Date.now() + clock.ahead }
  const key = (name: string) => join(federation.root, 'authority', name)
  const certify = (name: string) =>
    certifyPerson(federation.folder('AUS'), readSigner(federation.rootKey('AUS')), {
      role: 'release-officer',
      name,
      keyPath: key(`${name}.pem`),
    })
  certify('second')
  federation.renew()
  const nodes = await openServing(federation, ['AUS', 'NOR', 'USA'], () => ({ clock }))
  const [aus, nor, usa] = nodes as [RunningNode, RunningNode, RunningNode]
  await aus.policyInstall(federation.sign('AUS', permitAll('AUS', ['USA'])))
  await usa.policyInstall(federation.sign('USA', permitAll('USA', ['AUS', 'NOR'])))
  await usa.subscribe({ dataset: 'production', from: 'AUS', action: 'subscribe' })
  for (const node of [aus, nor])
    await node.subscribe({ dataset: 'production', from: 'USA', action: 'subscribe' })
  const source = await aus.recordAdd({
    kind: 'capability',
    dataset: 'production',
    ...by,
    fields: { title: 'Beacon', description: 'a bright one', item_code: 'BCN-1' },
    labels: { title: open, description: open, item_code: open },
  })
  await eventually('the USA has it', async () => (await usa.search({ text: 'beacon' }))[0])

  /** The USA's own record of it, with every field of AUS for the USA alone. */
  const { record: copy } = await usa.recordCopy({ id: source.id, ...by })
  const { id } = copy
  const draft = await aus.consentDraft({ record: source.id, holder: 'USA' })
  expect(copy.fields['title']?.terms).toEqual({
    originator: 'AUS',
    onward_release: 'ask',
    received: { record: source.id, head: draft.head, value: digestOf('Beacon') },
  })
  const seen = async (node: RunningNode) => {
    const has = (await node.recordList({})).some((row) => row.id === id)
    const fields = has ? (await node.recordShow(id)).fields : {}
    return Object.fromEntries(Object.entries(fields).map(([name, { value }]) => [name, value]))
  }
  const sees = (node: RunningNode, what: string, wanted: Record<string, Json>) =>
    eventually(what, async () => digestOf(await seen(node)) === digestOf(wanted))
  const set = {
    // Changed by the USA: derived from then on.
    description: { value: 'our brighter one' },
    supplier: { value: 'Boston Works', label: onlyFor('NOR') },
    rate_max: { value: { number: '25', unit: 'each', per: 'year' }, label: onlyFor('AUS') },
  }
  await usa.recordEdit({ id, set, envelope: { status: 'active' }, ...by })
  const home = { title: 'Beacon', item_code: 'BCN-1', rate_max: set.rate_max.value }
  await sees(aus, 'AUS sees what it gave, and what the USA’s policy adds', home)

  /** The authority of the USA lets a label name NOR. */
  const widen = async (...names: readonly string[]) => {
    const widened: Label = { ...open, releasableTo: ['AUS', 'NOR'] }
    const labels = Object.fromEntries(names.map((name) => [name, widened]))
    const change = Object.fromEntries(names.map((name) => [name, { label: widened }]))
    const { fields } = await usa.recordShow(id)
    const reason = 'NOR is to have it'
    const order = {
      nation: 'USA',
      record: id,
      base: await usa.recordBase(id),
      labels,
      values: digestOf(valuesOrdered(fields, change)),
      reason,
    }
    const signature = signJws(labelOrderType, order, readSigner(key('USA.authority.pem')).sign)
    await usa.recordEdit({
      id,
      set: change,
      author: 'analyst',
      reason,
      order: { base: order.base, signatures: [signature] },
    })
  }
  await widen('title', 'description', 'item_code')
  const withDescription = { ...home, description: 'our brighter one' }
  await sees(aus, 'now by the USA’s label, what it changed goes to AUS too', withDescription)
  const why = async () => JSON.stringify(await usa.why({ record: id, nation: 'NOR' }))
  expect(await why()).toContain('it is of AUS, which has not consented that NOR gets it')
  expect(await seen(nor)).toEqual({})

  // An officer of AUS consents, where the key is and no node.
  const sealedBy = async (file: string, more: readonly string[] = []) => {
    const out = join(federation.root, `${Math.random()}.consent.jws`)
    const until = new Date(clock.nowMs() + HOUR).toISOString().replace(/\.\d+Z/, 'Z')
    const what = [
      '--nation',
      'AUS',
      '--head',
      draft.head,
      '--field',
      'title',
      '--field',
      'item_code',
    ]
    const ran = await runVerb(
      ...['consent', 'sign', source.id, '--holder', 'USA', '--for', 'NOR', '--until', until],
      ...['--key', key(file), '--out', out, ...what, ...more],
    )
    if (ran.exit !== 0) throw new Error(ran.stderr)
    return readFileSync(out, 'utf8').trimEnd()
  }
  const refused = (seal: string) =>
    usa.consentInstall({ seal }).then(
      () => null,
      ({ code }) => code,
    )
  expect(await refused(await sealedBy('USA.officer.pem'))).toBe('CONSENT_OFFICER')
  expect(await refused(await sealedBy('AUS.authority.pem'))).toBe('CONSENT_OFFICER')
  const seal = await sealedBy('second.pem')
  expect(await refused(`${seal.slice(0, -2)}${seal.endsWith('AA') ? 'BA' : 'AA'}`)).toMatch(
    /CONSENT_/,
  )
  expect(await nor.consentInstall({ seal }).catch(({ code }) => code)).toBe('CONSENT_HOLDER')
  const others = readRows(federation.folder('USA'), 'SELECT count(*) AS n FROM dirty')
  expect(others).toEqual([{ n: 0 }])
  expect(await usa.consentInstall({ seal })).toMatchObject({ outcome: 'installed', records: [id] })
  await sees(nor, 'NOR sees what AUS consents to', { title: 'Beacon', item_code: 'BCN-1' })
  expect(await usa.consentInstall({ seal })).toMatchObject({ outcome: 'known' })
  expect((await usa.consentList()).consents).toMatchObject([{ officer: 'second', records: [id] }])
  // What the USA added to a record of AUS is derived from it, and not in the consent.
  expect(await why()).toContain('seal a consent for supplier that is also for what was derived')

  // An edit makes it derived: the consent was to something else.
  await usa.recordEdit({ id, set: { item_code: { value: 'BCN-2' } }, ...by })
  await sees(nor, 'the changed code is taken back', { title: 'Beacon' })
  await usa.recordEdit({ id, unset: ['item_code'], ...by })
  await usa.recordEdit({ id, set: { item_code: { value: 'BCN-3' } }, ...by })
  await sees(nor, 'taking it out and putting it back is no way round', { title: 'Beacon' })

  // It runs out by itself, and is taken back. What is under way when all clocks jump would be of the wrong hour.
  await Promise.all([inSync(usa, 'AUS'), inSync(usa, 'NOR')])
  clock.ahead = HOUR + 60_000
  await eventually('NOR has nothing', async () => {
    await usa.preview({})
    return Object.keys(await seen(nor)).length === 0
  })
  expect((await seen(aus))['title']).toBe('Beacon')

  // A later consent, of the other officer.
  await usa.consentInstall({ seal: await sealedBy('AUS.officer.pem') })
  await sees(nor, 'NOR sees it again by a later consent', { title: 'Beacon' })

  await Promise.all([inSync(usa, 'AUS'), inSync(usa, 'NOR')])
  const bundles = await Promise.all(
    [aus, nor, usa].map(async (node) => {
      const directory = join(federation.root, `bundle-${node.nation}`)
      await node.auditExport({ directory, withContent: true })
      return directory
    }),
  )
  expect(auditOf(federation, bundles, clock.nowMs()).findings).toEqual([])

  // What an officer has consented to ends with the officer, from the roster on that names him no longer.
  await Promise.all(nodes.map((node) => node[Symbol.asyncDispose]()))
  const path = join(federation.root, 'AUS', 'AUS.nation.json')
  const file = JSON.parse(readFileSync(path, 'utf8')) as { certificates: string[] }
  const isFirst = (jws: string) => {
    const said = peekJws(jws).payload as { role?: string; name?: string }
    return said.role === 'release-officer' && said.name !== 'second'
  }
  const certificates = file.certificates.filter((jws) => !isFirst(jws))
  expect(certificates).toHaveLength(file.certificates.length - 1)
  writeFileSync(path, JSON.stringify({ ...file, certificates }))
  federation.renew()
  const again = await openServing(federation, ['AUS', 'NOR', 'USA'], () => ({ clock }))
  const [, norAgain, usaAgain] = again as [RunningNode, RunningNode, RunningNode]
  expect((await usaAgain.consentList()).consents.map(({ officer }) => officer).sort()).toEqual([
    null,
    'second',
  ])
  await eventually('NOR has nothing', async () => (await norAgain.recordList({})).length === 0)
})
