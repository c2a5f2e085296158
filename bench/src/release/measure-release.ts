import { type Figures, type Measured, quantile, row } from '../report.ts'
import type { Size } from '../size.ts'
import { commitsOfAnEdit } from './commits.ts'
import { measureFloor } from './floor.ts'
import { measureNode, type NodeFigures } from './measure-node.ts'
import { openPeer, type PeerFigures } from './measure-peer.ts'

interface Round {
  readonly floorMs: number
  readonly peer: PeerFigures
  readonly node: NodeFigures
}

/** Releases records from one nation to another, and edits them, beside the bare work and beside two automerge-repo peers. */
export async function measureRelease(
  size: Size,
  talk: (words: string) => void,
  profileDir: string | undefined,
): Promise<Measured> {
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
  const figures: Figures = {
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
  return {
    figures,
    rows: [
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
    ],
  }
}
