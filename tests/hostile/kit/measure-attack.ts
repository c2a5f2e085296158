import { setTimeout as sleep } from 'node:timers/promises'
import type { Bystander } from './bystander.ts'

const SETTLE_MS = 250

/** How long edits took to reach the other partner, ms. */
export interface Measured {
  /** While the partner attacked. */
  readonly attacked: readonly number[]
  /** While its process used as much of the machine, and said nothing to the node. */
  readonly undisturbed: readonly number[]
  /** Of one core, what the attacker used. */
  readonly share: number
  /** Streams that the attacker opened and frames that it sent, in each of its turns. */
  readonly did: readonly number[]
  /** Bytes that had come on streams of which it read nothing, at least, in each. */
  readonly heard: readonly number[]
  /** Streams that the node still held at the end of each. */
  readonly held: readonly number[]
  /** By which the node's process grew while it was attacked. */
  readonly grownMb: number
}

/**
 * Lets edits go under an attack and without one, in turns, so that whatever else the machine does meanwhile falls on both. The attacker is a
 * process on the same cores, which no real one is: what its processor time alone costs an edit is in both figures, because in its quiet
 * turns the same process burns the share that it used in its loud ones. So the two differ by what the node was sent, and nothing else.
 */
export async function measureAttack(
  { edits, tell, rssMb }: Pick<Bystander, 'edits' | 'tell' | 'rssMb'>,
  attack: string,
  { rounds, each }: { readonly rounds: number; readonly each: number },
): Promise<Measured> {
  const [attacked, undisturbed]: [number[], number[]] = [[], []]
  let [cpuMs, wallMs] = [0, 0]
  const [did, heard, held]: [number[], number[], number[]] = [[], [], []]
  const share = () => Math.min(1, cpuMs / wallMs)
  const before = rssMb()
  let peak = before
  for (let round = 0; round < rounds; round++) {
    await tell({ attack })
    attacked.push(...(await edits(each)))
    peak = Math.max(peak, rssMb())
    const used = await tell({})
    cpuMs += used.cpuMs
    wallMs += used.wallMs
    did.push(used.did)
    heard.push(used.heard)
    held.push(used.held)
    // What was sent and has not been looked at yet falls into no turn.
    await sleep(SETTLE_MS)
    await tell({ burn: share() })
    undisturbed.push(...(await edits(each)))
    await tell({})
  }
  return { attacked, undisturbed, share: share(), did, heard, held, grownMb: peak - before }
}

/** The value below which a share of all lie: nearest rank. */
export function quantile(all: readonly number[], share: number): number {
  const sorted = all.toSorted((a, b) => a - b)
  return sorted[Math.max(0, Math.ceil(share * sorted.length) - 1)] ?? Number.NaN
}
