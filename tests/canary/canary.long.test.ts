import { join } from 'node:path'
import { connectControl, serveControl } from '@entente/node'
import { canonicalJson, isPseudonym, type Json, type Nation } from '@entente/schema'
import fc from 'fast-check'
import { expect, test } from 'vitest'
import { auditOf } from '../support/audit-bundles.ts'
import { findAll, findIn, folderEvidence, readAll, textEvidence } from '../support/evidence.ts'
import { createFederation, eventually, type Federation } from '../support/federation.ts'
import { type CapturedFrame, recordingTransport } from '../support/recording-transport.ts'
import {
  type Actor,
  author,
  edit,
  install,
  raise,
  releaseWaiting,
  shownBy,
  withdraw,
} from './actors.ts'
import { nationPlan, samplePlan } from './arbitrary.ts'
import { createModel, expectedOf, forbidden, type ModelRecord, note, type Seen } from './model.ts'

const nations = ['GBR', 'NOR', 'USA'] as const
const datasets = ['production', 'needs', 'unlisted'] as const
type Sent = CapturedFrame & { readonly from: Nation }

/** What runs of this property saw cross, so that a run in which nothing crosses does not pass for silence. */
const crossed = { exact: 0, band: 0, country: 0, pseudonym: 0, withheld: 0, frames: 0 }

test('nothing of a withheld value, field or record reaches a partner, and what is released does', async () => {
  const runs = Number(process.env['CANARY_RUNS'] ?? 3)
  await fc.assert(
    fc.asyncProperty(fc.tuple(nationPlan, nationPlan, nationPlan), async (plans) => {
      await using federation = createFederation(nations)
      const sent: Sent[] = []
      const open = (nation: Nation) =>
        federation.open(nation, {
          transport: recordingTransport(federation.folder(nation), (frame) => {
            if (frame.direction === 'out') sent.push({ ...frame, from: nation })
          }),
        })
      const actors = await Promise.all(
        nations.map(async (nation, i): Promise<Actor> => {
          const partners = nations.filter((other) => other !== nation) as [Nation, Nation]
          const plan = plans[i] as (typeof plans)[0]
          const model = createModel(nation, partners)
          const previews = new Map(partners.map((partner) => [partner, [] as unknown[]]))
          return { model, plan, node: await open(nation), previews, said: [] }
        }),
      )
      const each = (work: (actor: Actor) => Promise<void>) => Promise.all(actors.map(work))
      await eventually('all serve', async () => {
        const states = await Promise.all(actors.map(({ node }) => node.status()))
        return states.every(({ state }) => state === 'serving')
      })
      await each(async ({ node, model }) => {
        for (const from of model.partners)
          for (const dataset of datasets)
            await node.subscribe({ dataset, from, action: 'subscribe' })
      })

      await each((actor) => author(actor, federation.root))
      await each((actor) => install(actor, federation, 1))
      await settled(actors, 'the first edition')
      await each(async (actor) => {
        for (const { record, field } of actor.plan.edits) await edit(actor, record, field)
      })
      await settled(actors, 'edits')
      await each((actor) => install(actor, federation, 2))
      await settled(actors, 'the second edition')
      await each(raise)
      await settled(actors, 'a raised label')
      await each((actor) => withdraw(actor, actors[(actors.indexOf(actor) + 1) % 3] as Actor))
      await settled(actors, 'a withdrawal')
      await each((actor) => edit(actor, 1, 'title'))
      const again = actors[2] as Actor
      await again.node[Symbol.asyncDispose]()
      again.node = await open(again.model.nation)
      await each((actor) => edit(actor, 0, 'description'))
      await settled(actors, 'a restart')

      await each(async (actor) => void (await listenAtHome(actor, federation)))
      // One after the other: then no partner has seen more of a log than its bundle shows.
      const bundles: string[] = []
      for (const { node, model } of actors) {
        bundles.push(join(federation.root, `${model.nation}.audit`))
        await node.auditExport({ directory: bundles.at(-1) ?? '', withContent: true })
      }
      expect(auditOf(federation, bundles).findings).toEqual([])
      for (const actor of actors) {
        searchPartner(actor, actors, federation, sent)
        searchHome(actor, actors, federation)
      }
    }),
    { numRuns: runs, endOnFailure: true, examples: [[[samplePlan, samplePlan, samplePlan]]] },
  )
  expect(Object.entries(crossed).filter(([, count]) => count === 0)).toEqual([])
  process.stdout.write(`canary: ${runs} runs, ${JSON.stringify(crossed)}\n`)
}, 480_000)

/** Waits until every partner shows exactly what the model says of every record of every nation. */
async function settled(actors: readonly Actor[], after: string): Promise<void> {
  const differs = async (): Promise<string | null> => {
    for (const { model } of actors)
      for (const record of model.records)
        for (const { node, model: at } of actors) {
          if (at === model) continue
          const expected = expectedOf(model, record, at.nation)
          const shown = await shownBy(node, record.id)
          const place = `${record.id} of ${model.nation} at ${at.nation}`
          if ((shown === null) !== (expected === null)) return place
          for (const [field, value] of Object.entries(shown ?? {})) {
            const level = expected?.get(field)
            if (level === undefined || !isSeenAs(level, value, record.cells.get(field)?.value))
              return `${field} ${place}`
            if (level === 'pseudonym') checkPseudonym(record, at.nation, value)
          }
          if (Object.keys(shown ?? {}).length !== (expected?.size ?? 0)) return place
        }
    return null
  }
  let last: string | null = ''
  await eventually(`all is as it must be after ${after}`, async () => {
    for (const actor of actors) await releaseWaiting(actor)
    last = await differs()
    return last === null
  }).catch((error: unknown) => {
    throw new Error(`${String(error)}: ${last}`)
  })
}

function isSeenAs(form: Seen, value: Json, exact: Json | undefined): boolean {
  switch (form) {
    case 'exact':
      return canonicalJson(value) === canonicalJson(exact ?? '')
    case 'band':
      return /"from":"\d+"/.test(JSON.stringify(value))
    case 'country':
      return canonicalJson(value) === '{"nation":"CAN"}'
    case 'pseudonym':
      return typeof value === 'string' && isPseudonym(value)
  }
}

/** One record has one pseudonym with each partner, through edits, editions and restarts; no two partners have the same. */
function checkPseudonym({ pseudonyms }: ModelRecord, partner: Nation, value: Json): void {
  const others = [...pseudonyms].filter(([nation]) => nation !== partner)
  expect(others.map(([, pseudonym]) => pseudonym)).not.toContain(value)
  expect(value).toBe(pseudonyms.get(partner) ?? value)
  pseudonyms.set(partner, String(value))
}

/** Asks a node what it would say to its own people: status, an audit without content, errors over its socket. */
async function listenAtHome(actor: Actor, federation: Federation): Promise<void> {
  const { model, node, said } = actor
  note(model)
  const socket = `${federation.root}/${model.nation}.sock`
  await using _served = await serveControl(node, socket)
  const remote = await connectControl(socket)
  if (remote === null) throw new Error('the node does not answer on its socket')
  const refused = async (work: Promise<unknown>) =>
    said.push(await work.then(() => Promise.reject(new Error('not refused')), String))
  const [record] = model.records
  const id = record?.id ?? ''
  await refused(remote.run({ plan: 'none' }))
  await refused(remote.why({ record: id, nation: 'FRA' }))
  await refused(remote.policyInstall({}))
  await refused(remote.recordShow(`urn:entente:${'0'.repeat(32)}`))
  said.push(await remote.status())
  await node.auditExport({ directory: bundleOf(federation, model.nation), withContent: false })
}
const bundleOf = ({ root }: Federation, nation: Nation) => `${root}/${nation}.bundle`

/** What a partner has of the others. */
function searchPartner(
  { model: at }: Actor,
  actors: readonly Actor[],
  federation: Federation,
  sent: readonly Sent[],
): void {
  const frames = sent.filter(({ partner }) => partner === at.nation)
  crossed.frames += frames.length
  const read = readAll([
    ...frames.map(({ from, protocol, bytes }) => ({ place: `${from} ${protocol}`, bytes })),
    ...folderEvidence(federation.folder(at.nation)),
  ])
  for (const { model, previews } of actors) {
    if (model === at) continue
    const secrets = forbidden(model, at.nation)
    expect(findIn(read, Object.values(secrets).flat())).toEqual([])
    const { value: values = [], digest: digests = [] } = secrets
    const previewed = textEvidence('preview', ...(previews.get(at.nation) ?? []))
    expect(findAll([previewed], [...values, ...digests])).toEqual([])

    // The same search over the same evidence finds what was released: it is not blind.
    const now = model.records.flatMap((record) =>
      [...(expectedOf(model, record, at.nation) ?? [])].map(([field, level]) => ({
        level,
        needle: record.cells.get(field)?.needle ?? '',
      })),
    )
    const exact = new Set(now.filter(({ level }) => level === 'exact').map(({ needle }) => needle))
    expect(new Set(findIn(read, exact).map(({ needle }) => needle))).toEqual(exact)
    crossed.exact += exact.size
    for (const { level } of now) if (level !== 'exact') crossed[level]++
    crossed.withheld += values.length
  }
}

/** What a node says at home, where operators and auditors without content read: no values at all. */
function searchHome(
  { model, said }: Actor,
  actors: readonly Actor[],
  federation: Federation,
): void {
  const home = [...folderEvidence(federation.folder(model.nation))].filter(
    ({ place }) => !place.startsWith('entente.db') && !place.startsWith('table '),
  )
  expect(home.map(({ place }) => place)).toContain('journal.jsonl')
  const bundle = [...folderEvidence(bundleOf(federation, model.nation))]
  const values = actors.flatMap((actor) => [...actor.model.values])
  expect(findAll([...home, ...bundle, textEvidence('said', ...said)], values)).toEqual([])
}
