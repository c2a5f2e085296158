import { join } from 'node:path'
import { lockFolder, pathsOf, type RunningNode, readSigner, serveControl } from '@entente/node'
import {
  type DecisionSeal,
  decisionSealType,
  type Nation,
  peekJws,
  RetransferConsent,
  sealConsent,
  signJws,
  toBase64url,
} from '@entente/schema'
import { afterAll, beforeAll, expect, test } from 'vitest'
import { auditOf } from '../support/audit-bundles.ts'
import { createFederation, eventually, type Federation } from '../support/federation.ts'
import { runVerb } from '../support/run-verb.ts'
import { inSync, open, openServing, permitAll, readRows, refusals } from '../support/scenario.ts'

const by = { author: 'analyst', reason: 'base of our own' }
const asking = { by: 'J. Smith', reason: 'joint buy' }
const HOUR = 3_600_000

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
  await aus.policyInstall(federation.sign('AUS', permitAll('AUS', ['USA'])))
  await usa.policyInstall(federation.sign('USA', permitAll('USA', ['AUS', 'NOR'])))
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
/** What is not decided when it is due is denied, and may be approved after that. */
const answered = (node: RunningNode, id: number, answer: 'approve' | 'deny') =>
  eventually(`the answer comes: ${answer}`, async () => {
    const { request } = await node.requestShow({ id })
    return request.answer === answer ? request : null
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
  using _lock = lockFolder(federation.folder('AUS'))
  await using _socket = await serveControl(aus, pathsOf(federation.folder('AUS')).socket)
  const ran = await runVerb(
    ...['request', 'answer', String(theirs.id), '--grant', '--reason', 'yes'],
    ...['--key', join(federation.root, 'authority', 'AUS.officer.pem')],
    ...['--folder', federation.folder('AUS')],
  )
  expect(ran).toMatchObject({ exit: 0, stderr: '' })
  // Due within a second here: on a busy machine it has gone before it is said.
  expect(ran.stdout).toMatch(
    new RegExp(`Request ${theirs.id} of USA is granted; the answer (goes|has gone)`),
  )
  await eventually('NOR has it', async () => (await seen(nor))?.join() === 'item_code,title')
  const [row] = await nor.recordList({})
  expect(row).toMatchObject({ id: record, originator: 'AUS' })
  await answered(usa, mine.id, 'approve')
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

test('a consent that runs out ends what rests on it by the receiver’s own clock, with the sender away; a later one brings it back', async () => {
  const { head } = await aus.consentDraft({ record, holder: 'USA' })
  // Withdrawn: told to the holder and to whom it names, at once.
  const [first] = await aus.consentGiven()
  await aus.consentWithdraw({ consent: first?.digest ?? '' })
  await eventually('NOR has nothing', async () => (await seen(nor)) === null)
  await inSync(usa, 'NOR')
  const seal = consentOf(Date.now() + HOUR / 2, ['item_code', 'title'], head)
  const until = Date.now() + 20_000
  await aus.consentSend({ seal: consentOf(until, ['title'], head) })
  await eventually('NOR has the title', async () => (await seen(nor))?.join() === 'title')
  await usa[Symbol.asyncDispose]()
  await eventually('it has run out', async () => (await seen(nor)) === null)
  expect(Date.now()).toBeGreaterThanOrEqual(until)
  expect(readRows(federation.folder('NOR'), 'SELECT record FROM held_in')).toEqual([])
  usa = await federation.open('USA')
  await aus.consentSend({ seal })
  await eventually('NOR has it again', async () => (await seen(nor))?.length === 2)
  // One that has been withdrawn is not heard of any more.
  await expect(
    usa.consentInstall({
      seal: readRows(
        federation.folder('AUS'),
        'SELECT seal FROM consent_given ORDER BY at_ms',
      )[0]?.['seal'] as string,
    }),
  ).rejects.toMatchObject({ code: 'CONSENT_WITHDRAWN' })
})

test('a suggested change is taken in by an analyst, with the name of who suggested it; where the value has changed meanwhile, that is said', async () => {
  const suggest = (value: string) =>
    usa.requestAsk({ ask: 'change', record, field: 'description', value, ...asking })
  const first = await suggest('a brighter one')
  const asked = await ofUs(aus)
  const { suggestion } = await aus.requestShow({ id: asked.id })
  expect(suggestion).toMatchObject({
    present: 'a bright one',
    suggested: 'a brighter one',
    base: 'same',
  })
  const merge = { decision: 'approve' as const, by: 'A. Nalyst', reason: 'they are right' }
  await aus.requestAnswer({ id: asked.id, ...merge })
  const history = await aus.recordHistory(record)
  expect(history.at(-1)).toMatchObject({
    author: 'A. Nalyst',
    suggestedBy: 'J. Smith of USA',
    fields: ['description'],
    values: { description: 'a brighter one' },
  })
  await answered(usa, first.id, 'approve')

  const late = await suggest('the brightest')
  const again = await ofUs(aus)
  await aus.recordEdit({ id: record as never, set: { description: { value: 'dim' } }, ...by })
  await expect(aus.requestAnswer({ id: again.id, ...merge })).rejects.toMatchObject({
    code: 'BASE_CHANGED',
  })
  expect((await aus.requestShow({ id: again.id })).suggestion).toMatchObject({ base: 'changed' })
  await aus.requestAnswer({ id: again.id, ...merge, decision: 'deny' })
  await answered(usa, late.id, 'deny')
})

test('what is forbidden and what is unknown get the same answer at the same time; a grant releases nothing around the policy', async () => {
  const secret = await aus.recordAdd({
    kind: 'capability',
    dataset: 'production',
    ...by,
    fields: { title: 'Hidden' },
    labels: { title: { ...open, releasableTo: [] } },
  })
  const ask = (id: string) =>
    usa.requestAsk({ ask: 'release', to: 'AUS', record: id, about: null, fields: [], ...asking })
  const forbidden = await ask(secret.id)
  const unknown = await ask(`urn:entente:${'0'.repeat(32)}`)
  const theirs = await eventually('both are there', async () => {
    const { requests } = await aus.requestList()
    const waiting = requests.filter(
      ({ side, ask: what }) => side === 'theirs' && what === 'release',
    )
    return waiting.length === 2 ? waiting : null
  })
  const about: DecisionSeal = {
    nation: 'AUS',
    about: theirs[0]?.statement ?? '',
    decision: 'approve',
  }
  const seal = signJws(decisionSealType, about, officer('AUS').sign)
  const grant = { decision: 'approve' as const, by: 'officer', reason: 'yes', seal }
  for (const { id } of theirs)
    await expect(aus.requestAnswer({ id, ...grant })).rejects.toMatchObject({
      code: expect.stringMatching(/REQUEST_(POLICY|SIGNER)/),
    })
  await Promise.all([forbidden, unknown].map(({ id }) => answered(usa, id, 'deny')))
  const said = readRows(
    federation.folder('AUS'),
    "SELECT jws FROM statement WHERE kind = 'answer' ORDER BY seq DESC LIMIT 2",
  ).map(({ jws }) => peekJws(String(jws)).payload as Readonly<Record<string, unknown>>)
  expect(Object.keys(said[0] ?? {})).toEqual(Object.keys(said[1] ?? {}))
  const { requests: done } = await aus.requestList()
  const went = theirs.map(({ id, statement, dueMs, arrivedMs }) => {
    expect(dueMs).toBe(Math.ceil(arrivedMs / 1_000) * 1_000 + 1_000)
    const atMs = said.find(({ about }) => about === statement)?.['at'] as number
    // Late by what the machine needs, never early.
    expect(atMs - dueMs).toBeGreaterThanOrEqual(0)
    expect(atMs - dueMs).toBeLessThan(30_000)
    return { dueMs, answeredMs: done.find((each) => each.id === id)?.answeredMs }
  })
  // Now and then they come in two periods; of one, both are answered in one go.
  if (went[0]?.dueMs === went[1]?.dueMs) expect(went[0]).toEqual(went[1])
})

test('a recall reaches who got it by consent; until that is purged the originator’s status is red', async () => {
  await eventually('the edit has gone everywhere', async () => (await seen(nor)) === null)
  const { head } = await aus.consentDraft({ record, holder: 'USA' })
  await inSync(aus, 'USA')
  await aus.consentSend({ seal: consentOf(Date.now() + HOUR, ['item_code', 'title'], head) })
  await eventually('NOR has it', async () => (await seen(nor))?.length === 2)
  await Promise.all([inSync(usa, 'AUS'), inSync(usa, 'NOR')])
  await nor[Symbol.asyncDispose]()
  const [last] = readRows(
    federation.folder('AUS'),
    'SELECT idx FROM entry_out WHERE record = ? AND opening LIKE \'%"put"%\' ORDER BY idx DESC LIMIT 1',
    record,
  )
  await aus.recall({ index: last?.['idx'] as number, purge: true, reason: 'sent by mistake' })
  const unproven = async () =>
    (await aus.status()).partners.find(({ nation }) => nation === 'USA')?.sent.unproven
  await eventually('the USA has purged', () =>
    readRows(federation.folder('AUS'), 'SELECT purged FROM recall_out').some(
      (row) => row['purged'] === 1,
    ),
  )
  expect(await unproven()).toBe(1)
  expect(await seen(usa)).toBeNull()
  nor = await federation.open('NOR')
  await eventually('NOR has nothing', async () => (await seen(nor)) === null)
  await eventually('all is proven', async () => (await unproven()) === 0)
  await inSync(aus, 'USA')
  await Promise.all([inSync(usa, 'AUS'), inSync(usa, 'NOR'), inSync(nor, 'USA')])
  const told = refusals(federation.folder('USA')).map(({ code }) => code)
  expect(told.filter((code) => /CONSENT|BODY|REQUEST|ANSWER/.test(code))).toEqual([])
})

test('the audit of all three finds nothing', async () => {
  const bundles = await Promise.all(
    [aus, nor, usa].map(async (node) => {
      const directory = join(federation.root, `bundle-${node.nation}`)
      await node.auditExport({ directory, withContent: true })
      return directory
    }),
  )
  expect(auditOf(federation, bundles, Date.now()).findings).toEqual([])
})
