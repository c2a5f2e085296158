import { createHash } from 'node:crypto'
import { readFileSync } from 'node:fs'
import { join } from 'node:path'
import type { NodeApi } from '@entente/node'
import {
  canonicalJson,
  digestDisclosure,
  digestOpening,
  type Fragment,
  type Inputs,
  type Json,
  type Opening,
  peekJws,
  type Release,
} from '@entente/schema'
import { expect, test } from 'vitest'
import { newNumber, newWord } from '../canary/canary.ts'
import { findAll, textEvidence } from '../support/evidence.ts'
import { createFederation, eventually } from '../support/federation.ts'
import { entente, serve, serveRecorded } from './processes.ts'

/** Titles to GBR whole, rates in wide bands; by plan only. */
const policy = {
  nation: 'USA',
  edition: 1,
  from: '2020-01-01',
  until: '2099-01-01',
  datasets: { production: { mode: 'manual', title: 'Production' } },
  groups: {},
  ceilings: { GBR: 'RESTRICTED' },
  bands: {
    rate: {
      levels: [
        { name: 'fine', edges: ['0', '1000', '5000', '10000'] },
        { name: 'coarse', edges: ['0', '10000'] },
      ],
    },
  },
  rules: [
    {
      id: 'titles',
      effect: 'permit',
      match: { recipient: { in: ['GBR'] }, field: { in: ['title', 'supplier'] } },
      reasonCode: 'OPEN',
      authority: 'Exercise arrangement',
    },
    {
      id: 'rates',
      effect: 'transform',
      transform: { kind: 'band', level: 'coarse' },
      match: {
        recipient: { in: ['GBR'] },
        kind: { in: ['capability'] },
        field: { in: ['rate_max'] },
      },
      reasonCode: 'BANDS',
      authority: 'Exercise arrangement',
    },
  ],
  tests: [],
}

const label = { classification: 'RESTRICTED', releasableTo: ['GBR'], caveats: [] } as const
const sha256 = (bytes: string) => createHash('sha256').update(bytes).digest('base64url')
interface Sent {
  readonly jws: string
  readonly openings: readonly Opening[]
  readonly bodies: readonly Fragment[]
}

test('what one process previews is what arrives at the partner, and what the log says', async () => {
  await using federation = createFederation(['GBR', 'USA'])
  const [usaFolder, gbrFolder] = [federation.folder('USA'), federation.folder('GBR')]
  const captured = join(federation.root, 'captured.jsonl')
  await using gbr = await serveRecorded(gbrFolder, captured)
  let output = ''
  let previews = ''
  let usa = await serve(usaFolder)
  const close = async () => {
    await usa[Symbol.asyncDispose]()
    output += usa.output()
  }
  await using _last = { [Symbol.asyncDispose]: close }
  const secrets: string[] = []
  const secret = () => {
    secrets.push(newWord())
    return secrets.at(-1) ?? ''
  }
  const rate = () => {
    secrets.push(newNumber())
    return { number: secrets.at(-1) ?? '', unit: 'each', per: 'year' }
  }
  const add = (api: NodeApi, title: string) => {
    const fields = { title, supplier: `maker of ${title}`, rate_max: rate(), domain: secret() }
    return api.recordAdd({
      kind: 'capability',
      dataset: 'production',
      author: 'analyst',
      reason: 'exercise',
      fields,
      labels: Object.fromEntries(Object.keys(fields).map((field) => [field, label])),
    })
  }
  const edit = (api: NodeApi, id: string, field: string, value: Json) =>
    api.recordEdit({ id, set: { [field]: { value } }, author: 'analyst', reason: 'exercise' })
  /** Put statements that have reached GBR, in order. */
  const sent = (): Sent[] =>
    readFileSync(captured, 'utf8')
      .split('\n')
      .filter((line) => line !== '')
      .map((line) => Buffer.from((JSON.parse(line) as { bytes: string }).bytes, 'base64'))
      .flatMap((bytes) => (bytes[0] === 0x7b ? [JSON.parse(String(bytes)) as { t: string }] : []))
      .filter(({ t }) => t === 'statement')
      .map((frame) => frame as unknown as Sent)
      .filter(({ jws }) => (peekJws(jws).payload as { effect?: string }).effect === 'widen')
  const preview = async () => {
    const { json, exit, output: printed } = await entente(usaFolder, 'release', 'preview')
    expect(exit, printed).toBe(0)
    previews += printed
    return (json as { readonly plan: string | null }).plan
  }
  const run = async (plan: string | null) => {
    const done = await entente(usaFolder, 'release', 'run', '--plan', plan ?? '')
    output += done.output
    return done
  }
  const received = (count: number) =>
    eventually(`GBR holds ${count}`, async () => {
      const rows = await gbr.api.recordList({ originator: 'USA' })
      return rows.length === count && (await usa.api.status()).partners[0]?.inSync === true
    })

  await usa.api.policyInstall(federation.sign('USA', policy))
  await gbr.api.subscribe({ dataset: 'production', from: 'USA', action: 'subscribe' })
  const ids: string[] = []
  for (const title of ['Alpha', 'Bravo', 'Charlie', 'Delta'])
    ids.push((await add(usa.api, title)).id)
  const [first = '', second = ''] = ids
  await eventually('four wait', async () => (await usa.api.status()).datasets[0]?.waiting === 4)

  const before = await preview()
  await edit(usa.api, first, 'domain', secret())
  expect(await preview(), 'a withheld field has no part in the plan').toBe(before)
  await edit(usa.api, first, 'title', 'Alpha, corrected')
  const refused = await run(before)
  expect(refused.exit).not.toBe(0)
  expect(refused.output).toContain('PLAN_CHANGED')
  expect(sent()).toEqual([])

  const plan = await preview()
  expect(plan).not.toBe(before)
  expect((await run(plan)).exit).toBe(0)
  await received(4)
  expect(planOf(sent())).toBe(plan)
  expect((await run(plan)).output).toContain('PLAN_CHANGED')

  // With the sender stopped, a preview opens the folder by itself; what then serves must find the same bytes.
  await close()
  const usaHolds = sent().length
  usa = await serve(usaFolder)
  await edit(usa.api, second, 'rate_max', rate())
  expect(await preview(), 'the same band is nothing new').toBe(null)
  await edit(usa.api, second, 'supplier', 'another maker')
  await add(usa.api, 'Echo')
  await close()
  const offline = await preview()
  usa = await serve(usaFolder)
  await eventually('it serves', async () => (await usa.api.status()).state === 'serving')
  expect((await run(offline)).exit).toBe(0)
  await received(5)
  expect(planOf(sent().slice(usaHolds))).toBe(offline)

  // The sender's log, opened to an auditor, says the same.
  const directory = join(federation.root, 'bundle')
  await usa.api.auditExport({ directory, withContent: true })
  const lines = <T>(file: string) =>
    readFileSync(join(directory, file), 'utf8')
      .split('\n')
      .filter((line) => line !== '')
      .map((line) => JSON.parse(line) as T)
  const logged = lines<{ index: number; jws: string }>('openings.jsonl')
  const inputs = new Map(
    lines<{ index: number; inputs: Inputs }>('inputs.jsonl').map((row) => [row.index, row.inputs]),
  )
  const opened = lines<{ index: number; opening: Opening }>('entries.jsonl')
  for (const [i, statement] of sent().entries()) {
    const index = logged.find(({ jws }) => jws === statement.jws)?.index ?? -1
    expect(inputs.get(index)?.plan).toBe(i < usaHolds ? plan : offline)
    const digests = opened.flatMap(({ index: at, opening: [, entry] }) =>
      at === index && entry.op === 'put' ? [entry.digest] : [],
    )
    expect(digests.sort()).toEqual(statement.bodies.map(digestOf).sort())
  }

  // The previews name to the officer what goes, and never the rest; terminals of processes that serve name neither.
  await close()
  expect(findAll([textEvidence('previews', previews)], secrets)).toEqual([])
  const said = textEvidence('terminal', output, gbr.output())
  expect(findAll([said], [...secrets, 'Charlie'])).toEqual([])
}, 240_000)

const digestOf = ({ head }: Fragment): string => sha256(canonicalJson(head))

/** The plan that these statements carry out, worked out from the bytes that arrived. */
function planOf(statements: readonly Sent[]): string {
  const puts = statements.flatMap(({ jws, openings, bodies }) => {
    const release = peekJws(jws).payload as unknown as Release
    expect(release.entries).toEqual(openings.map((opening) => digestOpening(opening)).sort())
    return bodies.map((body, i) => {
      const [, entry] = openings[i] as Opening
      expect(entry).toMatchObject({ op: 'put', record: body.head.id, digest: digestOf(body) })
      expect(body.disclosures.map((each) => digestDisclosure(each)).sort()).toEqual(body.head.sd)
      return [release.recipient, release.dataset, body.head.id, digestOf(body)]
    })
  })
  puts.sort((a, b) => (a.join() < b.join() ? -1 : 1))
  return sha256(canonicalJson({ policy: sha256(canonicalJson(policy)), puts }))
}
