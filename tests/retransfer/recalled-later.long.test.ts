import { join } from 'node:path'
import { type RunningNode, readSigner } from '@entente/node'
import { type Nation, RetransferConsent, sealConsent, toBase64url } from '@entente/schema'
import { afterAll, beforeAll, expect, test } from 'vitest'
import { auditOf } from '../support/audit-bundles.ts'
import { createFederation, eventually, type Federation } from '../support/federation.ts'
import { createMemoryLines } from '../support/memory-federation.ts'
import { inSync, open, openServing, readRows } from '../support/scenario.ts'

const by = { author: 'analyst', reason: 'base of our own' }
const HOUR = 3_600_000

/** All goes to the partners, if labels and originators let it. */
const policy = (nation: Nation, partners: readonly Nation[]) => ({
  nation,
  edition: 1,
  from: '2020-01-01',
  until: '2099-01-01',
  datasets: { production: { mode: 'live', title: 'Production' } },
  groups: { PARTNERS: partners.map((each) => ({ nation: each, from: '2020-01-01' })) },
  ceilings: Object.fromEntries(partners.map((each) => [each, 'RESTRICTED'])),
  bands: {},
  rules: [
    {
      id: 'all',
      match: { recipient: { in: partners } },
      effect: 'permit',
      reasonCode: 'ALL',
      authority: 'exercise',
    },
  ],
  tests: [],
})

let federation: Federation
let aus: RunningNode
let nor: RunningNode
let usa: RunningNode

beforeAll(async () => {
  federation = createFederation(['AUS', 'NOR', 'USA'])
  const { options } = createMemoryLines(federation)
  ;[aus, nor, usa] = (await openServing(federation, ['AUS', 'NOR', 'USA'], options)) as [
    RunningNode,
    RunningNode,
    RunningNode,
  ]
  await aus.policyInstall(federation.sign('AUS', policy('AUS', ['USA'])))
  await usa.policyInstall(federation.sign('USA', policy('USA', ['AUS', 'NOR'])))
  await usa.subscribe({ dataset: 'production', from: 'AUS', action: 'subscribe' })
  await nor.subscribe({ dataset: 'production', from: 'USA', action: 'subscribe' })
})
afterAll(() => federation[Symbol.asyncDispose]())

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

test('the audit of all three finds nothing', async () => {
  await Promise.all([inSync(usa, 'AUS'), inSync(usa, 'NOR'), inSync(nor, 'USA')])
  const bundles = await Promise.all(
    [aus, nor, usa].map(async (node) => {
      const directory = join(federation.root, `bundle-${node.nation}`)
      await node.auditExport({ directory, withContent: true })
      return directory
    }),
  )
  expect(auditOf(federation, bundles, Date.now()).findings).toEqual([])
})
