import { parseArgs } from 'node:util'
import { commitsOfAnEdit } from './commits.ts'
import { measureFloor } from './floor.ts'
import { measureNode, type NodeFigures } from './measure-node.ts'
import { openPeer, type PeerFigures } from './measure-peer.ts'
import { type BenchRow, formatTable, type Machine, machineWith, quantile, row } from './report.ts'
import { full, quick, type Size } from './size.ts'

const usage = `usage: pnpm bench [--quick] [--json] [--profile DIR]

Releases records from one nation to another and prints how many times longer that takes than the bare work
and than two automerge-repo peers, all measured in this run.
  --quick        fewer records and edits, under a minute
  --json         {machine, rows: [{id, value, unit, target, pass}]} instead of the table
  --profile DIR  CPU profiles of both nodes, for the developer tools of a browser
`

const talk = (words: string) => process.stderr.write(`${words}\n`)

interface Round {
  readonly floorMs: number
  readonly peer: PeerFigures
  readonly node: NodeFigures
}

async function run(size: Size, profileDir: string | undefined) {
  talk(`filling the peer with ${size.records} records`)
  await using opened = await openPeer(size)
  const rounds: Round[] = []
  for (let i = 1; i <= size.rounds; i++) {
    talk(`round ${i} of ${size.rounds}: floor, peer, nodes`)
    const floorMs = measureFloor(size.records, size.seed)
    const peer = await opened.measure()
    const node = await measureNode(size, profileDir)
    talk(
      `  floor ${floorMs.toFixed(0)} ms, peer ${peer.moveMs.toFixed(0)} ms, nodes ${node.releaseMs.toFixed(0)} ms`,
    )
    rounds.push({ floorMs, peer, node })
  }
  const median = (of: (round: Round) => number) => quantile(rounds.map(of), 0.5)
  const commitMs = quantile(
    rounds.flatMap(({ node }) => node.commitsMs),
    0.5,
  )
  const peerEditMs = quantile(
    rounds.flatMap(({ peer }) => peer.editsMs),
    0.5,
  )
  const editsMs = rounds.flatMap(({ node }) => node.editsMs)
  const editFloorMs = peerEditMs + commitsOfAnEdit.length * commitMs
  const figures: Machine['figures'] = {
    records: size.records,
    'release ms': median(({ node }) => node.releaseMs),
    'floor ms': median(({ floorMs }) => floorMs),
    'peer ms': median(({ peer }) => peer.moveMs),
    edits: editsMs.length,
    'edit p50 ms': quantile(editsMs, 0.5),
    'edit p99 ms': quantile(editsMs, 0.99),
    'peer edit p50 ms': peerEditMs,
    'commit ms': commitMs,
    'commits of an edit': commitsOfAnEdit.length,
  }
  const rows: BenchRow[] = [
    row(
      'release-10k-floor',
      median(({ node, floorMs }) => node.releaseMs / floorMs),
    ),
    row(
      'release-10k-peer',
      median(({ node, peer }) => node.releaseMs / peer.moveMs),
    ),
    row('edit-p50', quantile(editsMs, 0.5) / editFloorMs),
    row('edit-p99', quantile(editsMs, 0.99) / editFloorMs),
  ]
  return { machine: machineWith(rounded(figures)), rows }
}

const rounded = (figures: Machine['figures']) =>
  Object.fromEntries(
    Object.entries(figures).map(([name, value]) => [name, Math.round(value * 100) / 100]),
  )

try {
  const { values } = parseArgs({
    options: {
      quick: { type: 'boolean', default: false },
      json: { type: 'boolean', default: false },
      profile: { type: 'string' },
      help: { type: 'boolean', default: false },
    },
  })
  if (values.help) process.stdout.write(usage)
  else {
    const { machine, rows } = await run(values.quick ? quick : full, values.profile)
    process.stdout.write(
      values.json ? `${JSON.stringify({ machine, rows }, null, 2)}\n` : formatTable(machine, rows),
    )
  }
} catch (error) {
  talk(`the bench could not run: ${error instanceof Error ? error.message : String(error)}`)
  process.exitCode = 1
}
