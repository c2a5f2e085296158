import { rmSync } from 'node:fs'
import { join } from 'node:path'
import { isDeepStrictEqual } from 'node:util'
import { type AuditReport, verifyBundles } from '@entente/audit'
import { type NodeApi, type Status, verifyEd25519 } from '@entente/node'
import { type Nation, openRoster } from '@entente/schema'
import { signWords } from '../approvals/sign-words.ts'
import { folderFiles } from '../audit/folder-files.ts'
import { signable } from '../import-summary.ts'
import { beginAgreement, checkEnded, type Ended, endAgreement } from './agreement.ts'
import { type Answers, checkAnswers } from './answers.ts'
import { type ByHand, checkByHand } from './check-by-hand.ts'
import { giveConsents } from './consents.ts'
import { readExample, readExpected } from './examples.ts'
import type { DemoFederation } from './federation.ts'
import { type DemoTable, importAll } from './import-tables.ts'

export interface Talk {
  readonly say: (line: string) => void
  readonly progress: (event: {
    readonly stage: string
    readonly done: number
    readonly total?: number
  }) => void
}

/**
 * What the demo saw. `ok` only if every pair verified, the audit is clean and every answer is the one worked out by hand;
 * with real files, of which nobody has worked out the answers, they are not compared.
 */
export interface DemoResult {
  readonly ok: boolean
  readonly problems: readonly string[]
  readonly statuses: ReadonlyMap<Nation, Status>
  readonly answers: Answers
  /** Values that an officer of GBR approved in this run. */
  readonly approved: number
  readonly ended: Ended
  readonly audit: AuditReport
  readonly byHand: ByHand
  /** The real files that were imported; null when none were. */
  readonly imported: ReturnType<typeof signable> | null
}

/** The main job, by the verbs a user has: import, policy, subscribe, preview, release, verify, ask, audit. */
export async function runDemo(
  federation: DemoFederation,
  workDir: string,
  talk: Talk,
  tables: readonly DemoTable[],
): Promise<DemoResult> {
  const { nations, api } = federation
  const real = tables.some((table) => table.real)
  const wait = (stage: string, check: (nation: Nation) => Promise<boolean>) =>
    waitFor(federation, talk, stage, check, real ? 1_800_000 : 180_000)
  await wait('start', async (nation) => (await api(nation).status()).state === 'serving')
  const imported = await importAll(federation, tables, talk)
  for (const nation of nations) {
    const policy = federation.sign(nation, readExample(`policies/${nation}.json`))
    if (!isDeepStrictEqual(await api(nation).policyShow(), policy))
      await api(nation).policyInstall(policy)
  }
  await beginAgreement(federation)
  await giveConsents(federation, workDir)
  const datasets = await subscribeAll(federation)
  await wait('subscribe', async (nation) => isAcknowledged(await api(nation).status()))
  talk.say(
    'Each nation looks at what its policy would newly release, and releases exactly that plan.',
  )
  await releaseAll(federation, talk)
  const approved = await approveAll(federation)
  if (approved > 0) talk.say(`GBR: its release officer approves ${approved} values that waited.`)
  await wait('verify', async (nation) => {
    const status = await api(nation).status()
    return status.ok && status.datasets.every(({ waiting }) => waiting === 0)
  })
  const answers = await ask(federation)
  talk.say('CAN: an agreement with the USA ends in two seconds.')
  const ended = await endAgreement(federation)
  await wait('settle', async (nation) => isAcknowledged(await api(nation).status()))
  const bundles = await exportAll(federation, workDir)
  const audit = verifyAll(federation, bundles, talk)
  talk.say('One release is checked once more without this program: docs/audit-by-hand.md')
  const byHand = checkByHand(bundles, federation.rosterPath)
  const statuses = new Map<Nation, Status>()
  for (const nation of nations) statuses.set(nation, await api(nation).status())
  const problems = [
    ...checkPairs(statuses, datasets),
    ...(real ? [] : checkAnswers(answers, readExpected())),
    ...checkEnded(ended),
    ...(await checkDifferentFields(federation)),
    ...audit.findings.map(({ nation, code, message }) => `audit: ${nation} ${code}: ${message}`),
    ...(audit.ok ? [] : ['the audit is not clean']),
    ...(byHand.status === 'unsound' ? [`by hand: ${byHand.words}`] : []),
  ]
  return {
    ok: problems.length === 0,
    problems,
    statuses,
    answers,
    approved,
    ended,
    audit,
    byHand,
    imported: real ? signable(imported) : null,
  }
}

/** Every nation asks every other for each of its datasets. */
async function subscribeAll({
  nations,
  api,
}: DemoFederation): Promise<ReadonlyMap<Nation, readonly string[]>> {
  const datasets = new Map<Nation, string[]>()
  for (const nation of nations)
    datasets.set(
      nation,
      (await api(nation).status()).datasets.map(({ dataset }) => dataset),
    )
  await Promise.all(
    nations.map(async (nation) => {
      for (const from of nations)
        if (from !== nation)
          for (const dataset of datasets.get(from) ?? [])
            await api(nation).subscribe({ dataset, from, action: 'subscribe' })
    }),
  )
  return datasets
}

/** Live datasets go by themselves; for the manual ones preview prints a plan, and run sends exactly that plan. */
async function releaseAll({ nations, api }: DemoFederation, talk: Talk): Promise<void> {
  const parts = new Map<Nation, { readonly done: number; readonly total: number }>()
  const report = (nation: Nation, done: number, total: number): void => {
    parts.set(nation, { done, total })
    const sum = (of: 'done' | 'total') =>
      [...parts.values()].reduce((all, part) => all + part[of], 0)
    talk.progress({ stage: 'release', done: sum('done'), total: sum('total') })
  }
  await Promise.all(
    nations.map(async (nation) => {
      const preview = await api(nation).preview({})
      if (preview.plan !== null) {
        const fragments = preview.nations.reduce((sum, each) => sum + each.puts, 0)
        talk.say(
          `${nation}: plan ${preview.plan.slice(0, 12)}… puts ${fragments} fragments for ${preview.nations.map((each) => each.nation).join(', ')}`,
        )
        report(nation, 0, fragments)
        await api(nation).run({ plan: preview.plan }, ({ done, total = done }) =>
          report(nation, Math.round((fragments * done) / Math.max(1, total)), fragments),
        )
        report(nation, fragments, fragments)
      }
    }),
  )
}

/** What GBR's policy leaves to a person is approved by its release officer, whose key is on no node. */
async function approveAll({ api, officer }: DemoFederation): Promise<number> {
  const { items, untilMs } = await api('GBR').approvalQueue({})
  const waiting = items.filter(({ state }) => state === 'waiting')
  if (waiting.length === 0) return 0
  const speech = { decision: 'approve', untilMs, reason: 'exercise' } as const
  const words = signWords('GBR', waiting, speech, officer('GBR'))
  await api('GBR').approvalTake({ words })
  return words.length
}

async function ask({ api }: DemoFederation): Promise<Answers> {
  const usa = api('USA')
  const { why } = readExpected()
  const found = await usa.search({ text: why.record, limit: 50 })
  const record = found.find((row) => row.originator === 'USA' && row.title.endsWith(why.record))
  return {
    sources: await usa.askSources({ material: 'cobalt' }),
    secondSources: await usa.askSecondSources(),
    why:
      record === undefined
        ? null
        : await usa.why({ record: record.id, nation: 'NOR', compare: 'GBR' }),
  }
}

/** Bundles of an earlier run are written anew: a bundle is exactly the files its manifest names. */
async function exportAll(
  { nations, api }: DemoFederation,
  workDir: string,
): Promise<ReadonlyMap<Nation, string>> {
  rmSync(join(workDir, 'audit'), { recursive: true, force: true })
  const write = async (nation: Nation) => {
    const directory = join(workDir, 'audit', nation.toLowerCase())
    await api(nation).auditExport({ directory, withContent: true })
    return [nation, directory] as const
  }
  return new Map(await Promise.all(nations.map(write)))
}

/** From the files alone, and the roster: no node is asked. */
function verifyAll(
  { nations, roster }: DemoFederation,
  bundles: ReadonlyMap<Nation, string>,
  talk: Talk,
): AuditReport {
  let done = 0
  const seen = new Set<Nation>()
  return verifyBundles(
    [...bundles.values()].map(folderFiles),
    { roster: openRoster(roster, verifyEd25519), verify: verifyEd25519, atMs: Date.now() },
    {
      onProgress: (nation) => {
        if (seen.has(nation)) return
        seen.add(nation)
        talk.progress({ stage: 'audit', done: ++done, total: nations.length })
      },
    },
  )
}

const isAcknowledged = (status: Status) =>
  status.partners.every((partner) => partner.connected && partner.sent.acknowledged)

function checkPairs(
  statuses: ReadonlyMap<Nation, Status>,
  datasets: ReadonlyMap<Nation, readonly string[]>,
): string[] {
  const problems: string[] = []
  for (const [nation, status] of statuses) {
    if (status.log.cosignatures.length < 3)
      problems.push(`the log of ${nation} has ${status.log.cosignatures.length} cosignatures`)
    for (const partner of status.partners) {
      const theirs = statuses.get(partner.nation)?.partners.find((each) => each.nation === nation)
      if (!partner.sent.acknowledged)
        problems.push(`${partner.nation} has not acknowledged all of ${nation}`)
      if (!partner.inSync) problems.push(`${nation} and ${partner.nation}: ${partner.words}`)
      if (
        theirs?.received.records !== partner.sent.records ||
        theirs.received.fields !== partner.sent.fields
      )
        problems.push(
          `${nation} sent ${partner.sent.records} records to ${partner.nation}, which holds ${theirs?.received.records}`,
        )
      if (partner.sent.records === 0)
        problems.push(`${nation} released nothing to ${partner.nation}`)
    }
    if ((datasets.get(nation) ?? []).length === 0) problems.push(`${nation} has no datasets`)
  }
  return problems
}

/** GBR and NOR must hold different fields of the three records that the demo is about. */
async function checkDifferentFields({ api }: DemoFederation): Promise<string[]> {
  const problems: string[] = []
  for (const text of ['MK-58', 'AN/ASQ-235', 'JSAM FW A/P22P-14(A)']) {
    const held = await Promise.all(
      (['GBR', 'NOR'] as const).map((nation) => heldFields(api(nation), text)),
    )
    if (held[0] === null || held[1] === null)
      problems.push(`${text} did not reach both GBR and NOR`)
    else if (held[0] === held[1]) problems.push(`GBR and NOR hold the same of ${text}`)
  }
  return problems
}

async function heldFields(api: NodeApi, text: string): Promise<string | null> {
  const row = (await api.search({ text, limit: 50 })).find(
    (each) => each.originator === 'USA' && each.kind === 'capability',
  )
  if (row === undefined) return null
  const { fields } = await api.recordShow(row.id)
  return JSON.stringify(
    Object.entries(fields)
      .map(([name, { value }]) => [name, value])
      .sort(),
  )
}

async function waitFor(
  { nations }: DemoFederation,
  talk: Talk,
  stage: string,
  check: (nation: Nation) => Promise<boolean>,
  withinMs: number,
): Promise<void> {
  const until = Date.now() + withinMs
  const waiting = new Set(nations)
  while (waiting.size > 0) {
    for (const nation of waiting) if (await check(nation)) waiting.delete(nation)
    talk.progress({ stage, done: nations.length - waiting.size, total: nations.length })
    if (waiting.size > 0 && Date.now() > until)
      throw new Error(
        `${stage}: still waiting for ${[...waiting].join(', ')}; see their serve.log and journal.jsonl`,
      )
    if (waiting.size > 0) await new Promise((resolve) => setTimeout(resolve, 50))
  }
}
