import { closeSync, openSync, writeSync } from 'node:fs'
import { join } from 'node:path'
import { nowMs, spawnChild } from '../child.ts'
import { temporaryFolder } from '../durable.ts'
import { createFederation } from '../federation.ts'
import { makeRows, mappingFor } from '../records.ts'
import { type BenchRow, type Measured, quantile, row } from '../report.ts'
import type { Size } from '../size.ts'
import type { FloorVerbs } from './floor-process.ts'
import type { LedgerVerbs } from './node-process.ts'
import { fy2017 } from './real-files.ts'

type Talk = (words: string) => void
type ImportRequest = Parameters<LedgerVerbs['importFile']>[0]

const spawnNode = () => spawnChild<LedgerVerbs>(new URL('node-process.ts', import.meta.url))
const spawnFloor = () => spawnChild<FloorVerbs>(new URL('floor-process.ts', import.meta.url))

/** Imports files, opens the ledger that comes of it and edits it, each beside the bare work. */
export async function measureLedger(size: Size, talk: Talk): Promise<Measured> {
  const parts = [await measureReal(talk), await measureLarge(size, talk)]
  return {
    figures: Object.assign({}, ...parts.map(({ figures }) => figures)),
    rows: parts.flatMap(({ rows }) => rows),
  }
}

/** `import-fy2017`: the real files of the US budget, every row. */
async function measureReal(talk: Talk): Promise<Measured> {
  const files = fy2017()
  if (files === null) {
    talk('import-fy2017: skipped, ../shared/data is absent')
    return { figures: {}, rows: [] }
  }
  using federation = await createFederation()
  using folder = temporaryFolder('floor')
  await using node = spawnNode()
  await using floor = spawnFloor()
  await node.call('open', { folder: federation.sender })
  let [ms, floorMs, read] = [0, 0, 0]
  for (const { file, path, mapping } of files) {
    talk(`import-fy2017: ${file}`)
    const ours = await node.call('importFile', { file, path, mapping, ...said })
    const bare = await floor.call('importFile', { path, folder: folder.path })
    if (ours.read !== bare.read) throw new Error(`${file}: ${ours.read} rows of ${bare.read}`)
    ms += ours.ms
    floorMs += bare.ms
    read += ours.read
  }
  return {
    figures: {
      'fy2017 rows': read,
      'fy2017 rows/s': (read / ms) * 1_000,
      'fy2017 floor rows/s': (read / floorMs) * 1_000,
    },
    rows: [row('import-fy2017', ms / floorMs)],
  }
}

/** `import-100k`, `import-100k-rss`, `open-100k`, `edit-cold`: one ledger of many records, in turn. */
async function measureLarge(size: Size, talk: Talk): Promise<Measured> {
  const { ledgerRecords: count, seed } = size
  using federation = await createFederation()
  using folder = temporaryFolder('floor')
  const path = join(federation.root, 'rows.jsonl')
  writeRows(path, count, seed)

  const ours = await importLarge(federation.sender, path, count, talk)
  await using floor = spawnFloor()
  const bare = await floor.call('importFile', { path, folder: folder.path })
  const bareRss = await floor.call('peakRss', null)

  talk(`open-100k: ${size.opens} starts`)
  const database = join(federation.sender, 'entente.db')
  const opens: number[] = []
  const bareOpens: number[] = []
  for (let i = 0; i < size.opens; i++) {
    opens.push(await timed(spawnNode, (node) => node.call('open', { folder: federation.sender })))
    bareOpens.push(await timed(spawnFloor, (child) => child.call('count', { path: database })))
  }

  const edits = await editCold(federation.sender, size, talk)
  const bareEdits = await floor.call('edits', { folder: folder.path, count: size.coldEdits, seed })
  const median = (values: readonly number[]) => quantile(values, 0.5)
  const rows: BenchRow[] = [
    row('import-100k', ours.ms / bare.ms),
    row('import-100k-rss', ours.rss / bareRss),
    row('open-100k', median(opens) / median(bareOpens)),
    row('edit-cold', median(edits) / median(bareEdits)),
  ]
  return {
    figures: {
      'large records': count,
      'large rows/s': (count / ours.ms) * 1_000,
      'large floor rows/s': (count / bare.ms) * 1_000,
      'large stage ms': ours.stageMs,
      'large apply ms': ours.ms - ours.stageMs,
      'large peak RSS MiB': ours.rss,
      'large floor peak RSS MiB': bareRss,
      'open ms': median(opens),
      'open floor ms': median(bareOpens),
      'cold edit p50 ms': median(edits),
      'cold edit p99 ms': quantile(edits, 0.99),
      'cold edit floor p50 ms': median(bareEdits),
    },
    rows,
  }
}

async function importLarge(folder: string, path: string, count: number, talk: Talk) {
  talk(`import-100k: ${count} rows`)
  await using node = spawnNode()
  await node.call('open', { folder })
  const mapping = { file: 'bench', text: JSON.stringify(mappingFor('stock')) }
  const request: ImportRequest = { file: 'rows.jsonl', path, mapping, ...said }
  const result = await node.call('importFile', request)
  if (result.created !== count) throw new Error(`${result.created} records of ${count} were made`)
  return { ...result, rss: await node.call('peakRss', null) }
}

/** Edits of records far apart, in a node that has just opened: each finds its shard on disk only. */
async function editCold(folder: string, { coldEdits, ledgerRecords }: Size, talk: Talk) {
  talk(`edit-cold: ${coldEdits} edits`)
  await using node = spawnNode()
  await node.call('open', { folder })
  const every = Math.floor(ledgerRecords / coldEdits)
  const ids = await node.call('ids', { dataset: 'stock', count: coldEdits, every })
  const times: number[] = []
  for (const [i, id] of ids.entries()) {
    const set = { description: { value: `Exercise row: revision${i}x` } }
    times.push(await node.call('edit', { id, set, ...said }))
  }
  return times
}

const said = { author: 'analyst', reason: 'bench' }

/** From the start of a process to its first answer, ms. */
async function timed<T extends AsyncDisposable>(
  spawn: () => T,
  ask: (child: T) => Promise<unknown>,
) {
  const startMs = nowMs()
  await using child = spawn()
  await ask(child)
  return nowMs() - startMs
}

/** One JSON object a line, a few thousand rows at a time. */
function writeRows(path: string, count: number, seed: number): void {
  const file = openSync(path, 'w')
  const rows = makeRows(count, seed)
  for (let i = 0; i < rows.length; i += 4_096)
    writeSync(
      file,
      rows
        .slice(i, i + 4_096)
        .map((each) => `${JSON.stringify(each)}\n`)
        .join(''),
    )
  closeSync(file)
}
