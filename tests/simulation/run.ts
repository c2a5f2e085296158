import { mkdirSync } from 'node:fs'
import { join } from 'node:path'
import type { Nation } from '@entente/schema'
import { audited } from './audited.ts'
import { broken, closeFolders, digestOfLog, disagreements, heldUp, whoNoticed } from './checks.ts'
import { createFederation, type Federation, policyFor } from './federation.ts'
import { nations } from './nations.ts'
import { createSimulatedNetwork } from './network.ts'
import { createRandom } from './random.ts'
import { createStory } from './story.ts'
import { notInSync, untold } from './told.ts'
import { createTrace, type Trace } from './trace.ts'
import { beginRun, owned, plan, runUntil, uncaught, virtualNowMs } from './virtual-world.ts'
import { clear, createWorld } from './world.ts'

const startMs = Date.UTC(2026, 9, 1)
/** Clocks of nations differ by so much at most: well within the tolerance of the coalition. */
const offsetMs = 60_000
/** An audit takes as long as a story, so every so many seeds one is made. */
const auditEvery = 10
/** Through the trouble, the mending, and while one nation is away. */
const lookMs = 83_000
const looks = 8

export interface Outcome {
  readonly seed: number
  readonly failures: readonly string[]
  readonly trace: Trace
  readonly noticed: readonly string[]
  /** SHA-256 over every event and every log's bytes. */
  readonly digest: string
}

/** Folders of nations that serve, each with a policy in force and asked by three others: where every run begins. */
export interface Prepared {
  readonly root: string
  readonly federation: Federation
  readonly folders: ReadonlyMap<Nation, string>
  readonly atMs: number
}

/** Makes them, by living nodes; the same bytes every time. */
export async function prepare(root: string): Promise<Prepared> {
  beginRun('prepared', startMs)
  const federation = createFederation(join(root, 'prepared'))
  const trace = createTrace(startMs)
  const network = createSimulatedNetwork(() => 5)
  const world = createWorld(join(root, 'prepared'), federation, network, () => 0, trace)
  const processes = nations.map((nation) =>
    world.start(nation, { folder: federation.folder(nation) }),
  )
  await runUntil(startMs + 10_000)
  for (const [i, { nation, owner, node }] of processes.entries()) {
    const others = nations.filter((each) => each !== nation)
    const signed = federation.signPolicy(nation, policyFor(nation, 1, others))
    owned(owner, () => node()?.policyInstall(signed))?.catch(trace.fail)
    for (const step of [1, 2, 5])
      owned(owner, () =>
        node()?.subscribe({
          dataset: 'production',
          from: nations[(i + step) % nations.length] ?? 'USA',
          action: 'subscribe',
        }),
      )?.catch(trace.fail)
  }
  await runUntil(startMs + 120_000)
  const failures = [...trace.failures(), ...uncaught()]
  if (failures.length > 0) throw new Error(`the start does not work: ${failures.join('\n')}`)
  const folders = new Map(
    processes.map((process) => {
      world.kill(process)
      return [process.nation, world.copy(process.folder)] as const
    }),
  )
  return { root, federation, folders, atMs: startMs + 180_000 }
}

/** One story, from its seed alone. */
export async function simulate(seed: number, prepared: Prepared, liars?: number): Promise<Outcome> {
  const { federation } = prepared
  const random = createRandom(`story ${seed}`)
  beginRun(String(seed), prepared.atMs)
  const root = join(prepared.root, `run-${seed}`)
  mkdirSync(root, { recursive: true, mode: 0o700 })
  const trace = createTrace(prepared.atMs)
  const slow = random.between(10, 400)
  const network = createSimulatedNetwork(() => random.between(1, slow))
  const offsets = new Map(nations.map((nation) => [nation, random.between(-offsetMs, offsetMs)]))
  const shifts = new Map<Nation, number>()
  const world = createWorld(
    root,
    federation,
    network,
    (nation) => (offsets.get(nation) ?? 0) + (shifts.get(nation) ?? 0),
    trace,
  )
  const folders = new Map(
    [...prepared.folders].map(([nation, folder]) => [nation, world.copy(folder)]),
  )
  const story = createStory({
    random,
    world,
    network,
    federation,
    trace,
    folders,
    clocks: { shift: (nation, byMs) => void shifts.set(nation, byMs) },
    liars,
  })
  /** What status says is looked at now and then: from outside, as by people who come by. */
  const look = () => untold(story, network).then((words) => words.forEach(trace.fail), trace.fail)
  for (let i = 1; i <= looks; i++) plan(i * lookMs, () => void look())
  await story.trouble()
  await story.heal()
  const { away, fresh } = await story.goAway()
  for (const words of heldUp(story, away, fresh)) trace.fail(words)
  story.comeBack(away)
  // Retries wait up to a minute; a checkpoint is cosigned again within the hour.
  let left: string[] = []
  for (let minutes = 0; minutes < 30; minutes++) {
    await runUntil(virtualNowMs() + 60_000)
    left = disagreements(story)
    if (left.length > 0) continue
    left = ['no status within a second']
    void notInSync(story).then((words) => {
      left = words
    }, trace.fail)
    await runUntil(virtualNowMs() + 1_000)
    if (left.length === 0) break
  }
  for (const words of left) trace.fail(words)
  const everyFolder = world.folders()
  for (const words of broken(story, federation, everyFolder)) trace.fail(words)
  if (seed % auditEvery === 0)
    for (const words of await audited(story, federation, root)) trace.fail(words)
  for (const error of uncaught())
    trace.fail(`uncaught: ${error instanceof Error ? error.stack : String(error)}`)
  const noticed = whoNoticed(story, federation)
  for (const words of noticed) trace.say('noticed', words)
  for (const folder of everyFolder) trace.say('log', digestOfLog(folder))
  for (const process of world.processes()) world.kill(process)
  closeFolders()
  clear(root)
  return { seed, failures: trace.failures(), trace, noticed, digest: trace.digest() }
}
