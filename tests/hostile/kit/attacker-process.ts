import type { Nation } from '@entente/schema'
import { createAttacker } from './attacker.ts'
import { attacks } from './attacks.ts'

/**
 * A hostile partner in a process of its own. `{attack}` begins one; `{burn}` begins to use such a share of one core and says nothing to
 * the node; `{}` ends what was begun and answers how long it took and what processor time it used.
 */
export interface Told {
  readonly attack?: string
  /** 0 to 1. */
  readonly burn?: number
}
export interface Used {
  /** Streams opened and frames sent. */
  readonly did: number
  readonly cpuMs: number
  readonly wallMs: number
}

/** Short against an edit, so that what is burnt lies as evenly as what an attack uses. */
const PERIOD_MS = 10

const [root = '', as = '', to = ''] = process.argv.slice(2)
const attacker = await createAttacker(root, as as Nation, to as Nation)
let stop = new AbortController()
let running: Promise<unknown> = Promise.resolve()
let [beganMs, beganCpu, did] = [performance.now(), process.cpuUsage(), attacker.did()]

async function burn(share: number, signal: AbortSignal): Promise<void> {
  while (!signal.aborted) {
    const from = performance.now()
    while (performance.now() - from < PERIOD_MS * share);
    // A share of a whole core lets messages in all the same.
    await new Promise((resolve) =>
      share < 1 ? setTimeout(resolve, PERIOD_MS * (1 - share)) : setImmediate(resolve),
    )
  }
}
function used(): Used {
  const { user, system } = process.cpuUsage(beganCpu)
  return {
    did: attacker.did() - did,
    cpuMs: (user + system) / 1_000,
    wallMs: performance.now() - beganMs,
  }
}

process.on('message', async ({ attack, burn: share }: Told) => {
  stop.abort()
  const sum = used()
  stop = new AbortController()
  if (attack === undefined && share === undefined)
    await Promise.race([running, new Promise((resolve) => setTimeout(resolve, 2_000))])
  ;[beganMs, beganCpu, did] = [performance.now(), process.cpuUsage(), attacker.did()]
  if (share !== undefined) running = burn(share, stop.signal)
  if (attack !== undefined)
    running = Promise.resolve(attacks[attack]?.(attacker, stop.signal)).catch(() => {})
  process.send?.(sum)
})
process.on('disconnect', () => process.exit(0))
process.send?.('ready')
