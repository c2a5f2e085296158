import { nowMs, serveVerbs } from '../child.ts'
import { openReleasing, type Releasing } from '../decide/releasing-node.ts'
import { serveAll } from './serve.ts'

/** A node that has released, in a process of its own, so that its memory is its own. */
let node: Releasing | null = null

const rssMb = (): number => process.memoryUsage.rss() / 2 ** 20
const sampleMs = 20

const verbs = {
  open: async (folder: string) => {
    node = await openReleasing(folder, () => Date.UTC(2026, 2, 1))
  },
  serve: async (recipients: readonly string[]) => {
    if (node === null) throw new Error('the node is not open yet')
    const open = node
    const beforeMb = rssMb()
    let peakMb = beforeMb
    const sampling = setInterval(() => {
      peakMb = Math.max(peakMb, rssMb())
    }, sampleMs)
    const startMs = nowMs()
    const served = await Promise.all(recipients.map((recipient) => serveAll(open, recipient)))
    clearInterval(sampling)
    return {
      beforeMb,
      peakMb: Math.max(peakMb, rssMb()),
      bodies: served.reduce((sum, { bodies }) => sum + bodies, 0),
      ms: nowMs() - startMs,
    }
  },
}
export type ServingVerbs = typeof verbs

serveVerbs(verbs, async () => node?.[Symbol.asyncDispose]())
