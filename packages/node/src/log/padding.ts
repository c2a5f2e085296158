import { type Sign, signJws, statementType } from '@entente/schema'
import type { Padding } from './checkpoint-group.ts'

/** Leaves to whose multiples a log grows unless `log.padTo` says otherwise. */
export const defaultPadTo = 16

/**
 * Pads of one node's log, and chance. The pads of one group are one signed statement under salts of their own: a
 * signature each would hide no more.
 */
export function createPadding(
  node: {
    readonly origin: string
    readonly signStatement: Sign
    readonly randomBytes: (size: number) => Uint8Array
  },
  padTo: number,
): Padding {
  const { origin, signStatement, randomBytes } = node
  return {
    padTo,
    pads: (count, atMs) => {
      if (count === 0) return []
      const jws = signJws(statementType('pad'), { origin, at: atMs }, signStatement)
      return Array.from({ length: count }, () => ({
        kind: 'pad',
        jws,
        salt: randomBytes(32),
        atMs,
        feed: null,
        seq: null,
      }))
    },
    random: (below) => randomBelow(below, randomBytes),
  }
}

/** Uniform in 0 … below − 1, for `below` up to 2³²: what falls in the uneven rest is drawn again. */
function randomBelow(below: number, randomBytes: (size: number) => Uint8Array): number {
  const even = 2 ** 32 - (2 ** 32 % below)
  for (;;) {
    const drawn = randomBytes(4).reduce((number, byte) => number * 256 + byte, 0)
    if (drawn < even) return drawn % below
  }
}
