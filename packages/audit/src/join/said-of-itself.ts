import { peekJws, sha256 } from '@entente/schema'
import { z } from 'zod'
import { digestJws } from '../statements/open-leaf.ts'

const Said = z.looseObject({ origin: z.string(), feed: z.string().nullable().optional() })

/** Log and feed that a statement names, believed only so far as to know what to compare it with; null where it cannot be read. */
export function saidOfItself(jws: string): { origin: string; feed: string } | null {
  try {
    const { origin, feed } = Said.parse(peekJws(jws).payload)
    return { origin, feed: feed ?? digestJws(jws, sha256) }
  } catch {
    return null
  }
}
