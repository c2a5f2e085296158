import { mkdirSync, writeFileSync } from 'node:fs'
import { join, resolve } from 'node:path'
import { setTimeout as sleep } from 'node:timers/promises'
import { type Child, nowMs, spawnChild } from '../child.ts'
import { createFederation } from '../federation.ts'
import { makeRows, mappingFor } from '../records.ts'
import type { Size } from '../size.ts'
import { createCommitProbe } from './floor.ts'
import type { NodeVerbs } from './node-process.ts'

export interface NodeFigures {
  /** From the run of a decided plan to the last record searchable at the partner. */
  readonly releaseMs: number
  /** From each edit to its text searchable at the partner. */
  readonly editsMs: readonly number[]
  /** One durable commit beside each edit: the disk as it was then. */
  readonly commitsMs: readonly number[]
}

/** Statements name at most this many entries. */
const batchSize = 256

/** Two nations, each a process with its own folder, keys and disk, over libp2p on loopback; quorum 1. */
export async function measureNode(
  size: Size,
  profileDir: string | undefined,
): Promise<NodeFigures> {
  using federation = await createFederation()
  await using sender = spawnChild<NodeVerbs>(new URL('node-process.ts', import.meta.url))
  await using recipient = spawnChild<NodeVerbs>(new URL('node-process.ts', import.meta.url))
  await Promise.all([
    sender.call('open', { folder: federation.sender }),
    recipient.call('open', { folder: federation.recipient }),
  ])
  for (const node of [sender, recipient])
    await until(
      'both nodes serve',
      async () => (await node.call('status', null)).state === 'serving',
    )
  await sender.call('policyInstall', federation.policy)
  for (const dataset of ['stock', 'daily'])
    await recipient.call('subscribe', { dataset, from: 'USA', action: 'subscribe' })
  const load = (dataset: string, count: number) =>
    importRows(sender, federation.root, dataset, count, size.seed)

  await load('stock', size.records)
  const plan = await until('the plan holds every record', async () => {
    const { plan, puts } = await sender.call('preview', 'stock')
    return puts === size.records ? plan : null
  })
  const profile = profiler(profileDir, { sender, recipient })
  await profile.start()
  const found = recipient.call('found', {
    text: 'exercise',
    count: size.records,
    statements: Math.ceil(size.records / batchSize),
  })
  const { startMs, puts } = await sender.call('run', plan)
  if (puts !== size.records) throw new Error(`${puts} records were released, not ${size.records}`)
  const releaseMs = (await within('the release is searchable', found, 120_000)) - startMs
  await profile.stop('release')

  await load('daily', size.edited)
  const ids = await sender.call('ids', 'daily')
  await inSync(sender)
  await profile.start()
  const editsMs: number[] = []
  using probe = createCommitProbe()
  const commitsMs: number[] = []
  for (let i = 0; i < size.warmUp + size.edits; i++) {
    const word = `revision${i}x`
    const seen = recipient.call('found', { text: word, count: 1, statements: 1 })
    const edited = await sender.call('edit', {
      id: ids[(i * 7) % ids.length] ?? '',
      set: { description: { value: `Exercise row: ${word}` } },
      author: 'analyst',
      reason: 'bench',
    })
    editsMs.push((await within('the edit is searchable', seen, 30_000)) - edited)
    // The acknowledgement of one edit is no part of the next.
    await sleep(20)
    commitsMs.push(probe.commit())
  }
  await profile.stop('edits')
  return { releaseMs, editsMs: editsMs.slice(size.warmUp), commitsMs }
}

/** Profiles of both nodes, one file per node and stage; does nothing without a folder. */
function profiler(folder: string | undefined, nodes: Readonly<Record<string, Child<NodeVerbs>>>) {
  const each = async (work: (node: Child<NodeVerbs>, name: string) => Promise<void>) => {
    if (folder === undefined) return
    mkdirSync(folder, { recursive: true })
    await Promise.all(Object.entries(nodes).map(([name, node]) => work(node, name)))
  }
  return {
    start: () => each((node) => node.call('startProfile', null)),
    stop: (stage: string) =>
      each((node, name) =>
        node.call('stopProfile', resolve(folder ?? '', `${stage}-${name}.cpuprofile`)),
      ),
  }
}

export async function importRows(
  sender: Child<NodeVerbs>,
  folder: string,
  dataset: string,
  count: number,
  seed: number,
): Promise<void> {
  const path = join(folder, `${dataset}.json`)
  writeFileSync(path, JSON.stringify(makeRows(count, seed)))
  const { created, refused } = await sender.call('importFile', {
    file: `${dataset}.json`,
    path,
    mapping: { file: 'bench', text: JSON.stringify(mappingFor(dataset)) },
    author: 'analyst',
    reason: 'bench',
  })
  if (created !== count)
    throw new Error(`${created} rows of ${count} were imported, ${refused} refused`)
}

const inSync = (node: Child<NodeVerbs>) =>
  until('the partner is in sync', async () => {
    const { partners, datasets } = await node.call('status', null)
    return partners[0]?.inSync === true && datasets.every(({ waiting }) => waiting === 0)
  })

async function until<T>(what: string, check: () => Promise<T>): Promise<NonNullable<T>> {
  const deadlineMs = nowMs() + 60_000
  for (;;) {
    const value = await check()
    if (value) return value
    if (nowMs() > deadlineMs) throw new Error(`not within a minute: ${what}`)
    await sleep(50)
  }
}

async function within<T>(what: string, work: Promise<T>, ms: number): Promise<T> {
  const tooLate = new AbortController()
  const late = sleep(ms, undefined, { signal: tooLate.signal }).then(() => {
    throw new Error(`not within ${ms} ms: ${what}`)
  })
  late.catch(() => {})
  try {
    return await Promise.race([work, late])
  } finally {
    tooLate.abort()
  }
}
