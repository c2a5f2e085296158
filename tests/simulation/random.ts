import { createHash } from 'node:crypto'

/** Chance from a seed: the same seed gives the same sequence on every machine. */
export interface Random {
  /** Whole number from 0 up to, not including, `below`. */
  readonly below: (below: number) => number
  /** Whole number, both ends included. */
  readonly between: (from: number, to: number) => number
  /** True in `percent` of cases. */
  readonly chance: (percent: number) => boolean
  readonly pick: <T>(list: readonly T[]) => T
  /** `count` different members, in an order of chance. */
  readonly sample: <T>(list: readonly T[], count: number) => T[]
  readonly bytes: (size: number) => Uint8Array
}

/** SHA-256 in counter mode over the seed. */
export function createRandom(seed: string): Random {
  let block = new Uint8Array(0)
  let used = 0
  let counter = 0
  const bytes = (size: number): Uint8Array => {
    const out = new Uint8Array(size)
    for (let i = 0; i < size; i++) {
      if (used === block.length) {
        block = createHash('sha256').update(`${seed}/${counter++}`).digest()
        used = 0
      }
      out[i] = block[used++] ?? 0
    }
    return out
  }
  const below = (limit: number): number => {
    const [a = 0, b = 0, c = 0, d = 0, e = 0, f = 0] = bytes(6)
    return (((((a * 256 + b) * 256 + c) * 256 + d) * 256 + e) * 256 + f) % limit
  }
  const pick = <T>(list: readonly T[]): T => {
    if (list.length === 0) throw new Error('nothing to pick from')
    return list[below(list.length)] as T
  }
  return {
    bytes,
    below,
    pick,
    between: (from, to) => from + below(to - from + 1),
    chance: (percent) => below(100) < percent,
    sample: (list, count) => {
      const left = [...list]
      const out = []
      while (left.length > 0 && out.length < count) out.push(...left.splice(below(left.length), 1))
      return out
    },
  }
}
