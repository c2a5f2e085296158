import { join } from 'node:path'
import type { GivenBundle, NodeOptions, RunningNode, TakenBundle } from '@entente/node'
import type { Nation } from '@entente/schema'
import { createFederation, type Federation } from './federation.ts'

export const DAY_MS = 86_400_000

/** Nations without a network, and somebody who carries bundles between them. */
export interface CourierFederation extends AsyncDisposable {
  readonly federation: Federation
  readonly clock: { nowMs: () => number }
  readonly open: (nation: Nation, options?: Partial<NodeOptions>) => Promise<RunningNode>
  readonly later: (ms: number) => void
  readonly pack: (
    from: RunningNode,
    to: Nation,
  ) => Promise<{ readonly given: GivenBundle; readonly path: string }>
  /** Packs, lets time pass, and takes in. */
  readonly carry: (
    from: RunningNode,
    to: RunningNode,
    onTheWayMs?: number,
  ) => Promise<{ readonly given: GivenBundle; readonly taken: TakenBundle; readonly path: string }>
  /** Everybody to everybody else, until nothing waits. @returns how many times round */
  readonly rounds: (nodes: readonly RunningNode[], onTheWayMs?: number) => Promise<number>
}

const MOST_ROUNDS = 8

/** @param quorum cosignatures needed, where it is not the smallest safe number */
export function createCourierFederation(
  nations: readonly Nation[],
  courierMs: number | undefined = 30 * DAY_MS,
  quorum?: number,
): CourierFederation {
  const federation = createFederation(nations)
  federation.renew(nations, {
    ...(courierMs !== undefined && { courierMs }),
    ...(quorum !== undefined && { quorum }),
  })
  let now = Date.UTC(2026, 9, 1)
  let packed = 0
  const clock = { nowMs: () => now }
  const later = (ms: number) => {
    now += ms
  }
  const pack: CourierFederation['pack'] = async (from, to) => {
    const path = join(federation.root, `bundle-${packed++}`)
    return { given: await from.bundleExport({ to, path }), path }
  }
  const carry: CourierFederation['carry'] = async (from, to, onTheWayMs = 2 * DAY_MS) => {
    const { given, path } = await pack(from, to.nation)
    later(onTheWayMs)
    return { given, taken: await to.bundleImport({ path }), path }
  }
  const rests = async (nodes: readonly RunningNode[]) =>
    (await Promise.all(nodes.map((node) => node.status()))).every(
      ({ log }) => log.size === log.published,
    )
  return {
    federation,
    clock,
    later,
    pack,
    carry,
    open: (nation, options = {}) =>
      federation.open(nation, { network: false, offline: true, clock, ...options }),
    rounds: async (nodes, onTheWayMs) => {
      for (let n = 1; n <= MOST_ROUNDS; n++) {
        let moved = 0
        for (const from of nodes)
          for (const to of nodes) {
            if (from === to) continue
            const { taken } = await carry(from, to, onTheWayMs)
            if (taken.refused.length > 0) throw new Error(JSON.stringify(taken.refused))
            moved += taken.statements + taken.acknowledged
          }
        if (moved === 0 && (await rests(nodes))) return n
      }
      throw new Error(`it does not come to rest in ${MOST_ROUNDS} rounds`)
    },
    [Symbol.asyncDispose]: () => federation[Symbol.asyncDispose](),
  }
}
