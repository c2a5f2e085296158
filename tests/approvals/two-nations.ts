import { readFileSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { isDeepStrictEqual } from 'node:util'
import { certifyPerson, type QueueShown, type RunningNode, readSigner } from '@entente/node'
import type { Json, Label } from '@entente/schema'
import { eventually, type Federation } from '../support/federation.ts'
import { runVerb } from '../support/run-verb.ts'
import { open, openServing, readRows } from '../support/scenario.ts'

export const restricted: Label = { ...open, classification: 'RESTRICTED' }
export const rate = (number: string): Json => ({ number, unit: 'each', per: 'year' })

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
export async function openBoth(federation: Federation) {
  const clock = { ahead: 0, nowMs: () => Date.now() + clock.ahead }
  const key = (name: string) => join(federation.root, 'authority', name)
  const second = {
    role: 'release-officer',
    name: 'Officer 2',
    keyPath: key('USA.officer-2.pem'),
  } as const
  certifyPerson(federation.folder('USA'), readSigner(federation.rootKey('USA')), second)
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
    node: RunningNode = usa,
  ) => {
    const queue = change(await node.approvalQueue({ approved: verb === 'refuse' }))
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
    return node.approvalTake({ words })
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
