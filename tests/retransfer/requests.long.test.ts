import { join } from 'node:path'
import { type RunningNode, readSigner } from '@entente/node'
import {
  type DecisionSeal,
  decisionSealType,
  digestOf,
  type Nation,
  RetransferConsent,
  sealConsent,
  signJws,
  toBase64url,
} from '@entente/schema'
import { afterAll, beforeAll, expect, test } from 'vitest'
import { createFederation, eventually, type Federation } from '../support/federation.ts'
import { inSync, open, openServing, readRows, refusals } from '../support/scenario.ts'

const by = { author: 'analyst', reason: 'base of our own' }
const asking = { by: 'J. Smith', reason: 'joint buy' }
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
let record: string
const officer = (nation: Nation) =>
  readSigner(join(federation.root, 'authority', `${nation}.officer.pem`))

beforeAll(async () => {
  federation = createFederation(['AUS', 'NOR', 'USA'])
  federation.renew(undefined, { answerMs: 1_000 })
  ;[aus, nor, usa] = (await openServing(federation, ['AUS', 'NOR', 'USA'])) as [
    RunningNode,
    RunningNode,
    RunningNode,
  ]
  await aus.policyInstall(federation.sign('AUS', policy('AUS', ['USA'])))
  await usa.policyInstall(federation.sign('USA', policy('USA', ['AUS', 'NOR'])))
  await usa.subscribe({ dataset: 'production', from: 'AUS', action: 'subscribe' })
  await nor.subscribe({ dataset: 'production', from: 'USA', action: 'subscribe' })
  const source = await aus.recordAdd({
    kind: 'capability',
    dataset: 'production',
    ...by,
    fields: { title: 'Beacon', description: 'a bright one', item_code: 'BCN-1' },
    labels: { title: open, description: open, item_code: open },
  })
  record = source.id
  await eventually('the USA has it', async () => (await usa.search({ text: 'beacon' }))[0])
})
afterAll(() => federation[Symbol.asyncDispose]())

const seen = async (node: RunningNode) => {
  const row = (await node.recordList({})).find(({ id }) => id === record)
  if (row === undefined) return null
  const { fields } = await node.recordShow(record)
  return Object.keys(fields).sort()
}
const consentOf = (until: number, fields: readonly string[], head: string): string =>
  sealConsent(
    RetransferConsent.parse({
      nation: 'AUS',
      key: toBase64url(officer('AUS').publicKey),
      holder: 'USA',
      record,
      head,
      fields,
      transform: null,
      derived: false,
      recipients: ['NOR'],
      purpose: 'use',
      until,
    }),
    officer('AUS').sign,
  )
const ofUs = (node: RunningNode, wanted: (ask: string) => boolean = () => true) =>
  eventually(`${node.nation} is asked`, async () =>
    (await node.requestList()).requests.findLast(
      ({ side, ask, answer }) => side === 'theirs' && answer === null && wanted(ask),
    ),
  )
const answered = (node: RunningNode, id: number) =>
  eventually('the answer comes', async () => {
    const { request } = await node.requestShow({ id })
    return request.answer === null ? null : request
  })

test('a consent that was asked for lets the record go on, as it came, with the proof of its originator', async () => {
  await usa.retransferAdd({ record, dataset: 'production' })
  expect(await seen(nor)).toBeNull()
  const mine = await usa.requestAsk({
    ask: 'retransfer',
    record,
    fields: ['title', 'item_code'],
    recipients: ['NOR'],
    purpose: 'use',
    derived: false,
    untilMs: Date.now() + HOUR,
    ...asking,
  })
  const theirs = await ofUs(aus)
  expect(theirs).toMatchObject({ nation: 'USA', ask: 'retransfer', body: { by: 'J. Smith' } })
  const { head } = await aus.consentDraft({ record, holder: 'USA' })
  const answer = { id: theirs.id, decision: 'approve' as const, by: 'officer', reason: 'yes' }
  const wide = consentOf(Date.now() + HOUR / 2, ['description', 'title'], head)
  await expect(aus.requestAnswer({ ...answer, consents: [wide] })).rejects.toMatchObject({
    code: 'REQUEST_REFUSED',
  })
  const consents = [consentOf(Date.now() + HOUR / 2, ['item_code', 'title'], head)]
  await aus.requestAnswer({ ...answer, consents })
  await eventually('NOR has it', async () => (await seen(nor))?.join() === 'item_code,title')
  const [row] = await nor.recordList({})
  expect(row).toMatchObject({ id: record, originator: 'AUS' })
  expect(await answered(usa, mine.id)).toMatchObject({ answer: 'approve' })
  // The statement by which the USA got it is nowhere at NOR.
  const [given] = readRows(
    federation.folder('USA'),
    "SELECT statement_in.jws FROM statement_in JOIN feed_in USING (feed) WHERE feed_in.sender = 'AUS' AND dataset = 'production'",
  )
  const at = readRows(
    federation.folder('NOR'),
    'SELECT count(*) AS n FROM statement_in WHERE jws = ?',
    given?.['jws'] as string,
  )
  expect(at).toEqual([{ n: 0 }])
})
