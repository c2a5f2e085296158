import type { Nation } from '@entente/schema'
import { createAttacker, type Tally } from './attacker.ts'
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
export interface Used extends Tally {
  readonly cpuMs: number
  readonly wallMs: number
}

/** Short against an edit, so that what is burnt lies as evenly as what an attack uses. */
const PERIOD_MS = 10

const [root = '', as = '', to = ''] = process.argv.slice(2)
const attacker = await createAttacker(root, as as Nation, to as Nation)
let stop = new AbortController()
let running: Promise<unknown> = Promise.resolve()
let [beganMs, beganCpu] = [performance.now(), process.cpuUsage()]
let before: Tally = { ...attacker.tally }

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
function used(): Pick<Used, 'cpuMs' | 'wallMs'> {
  const { user, system } = process.cpuUsage(beganCpu)
  return { cpuMs: (user + system) / 1_000, wallMs: performance.now() - beganMs }
}
function tallied(): Tally {
  const { did, heard, held } = attacker.tally
  return { did: did - before.did, heard: heard - before.heard, held: held - before.held }
}

process.on('message', async ({ attack, burn: share }: Told) => {
  stop.abort()
  const times = used()
  stop = new AbortController()
  if (attack === undefined && share === undefined)
    await Promise.race([running, new Promise((resolve) => setTimeout(resolve, 2_000))])
  const sum: Used = { ...times, ...tallied() }
  ;[beganMs, beganCpu, before] = [performance.now(), process.cpuUsage(), { ...attacker.tally }]
  if (share !== undefined) running = burn(share, stop.signal)
  if (attack !== undefined)
    running = Promise.resolve(attacks[attack]?.(attacker, stop.signal)).catch(() => {})
  process.send?.(sum)
})
process.on('disconnect', () => process.exit(0))
process.send?.('ready')
