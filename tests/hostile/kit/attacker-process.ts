import { createRawPartnerAt } from '../../support/raw-partner.ts'
import { attacks } from './attacks.ts'

/** A hostile partner in a process of its own: `{attack}` begins one, `{}` ends it. */
const [seed = '', peerId = '', address = ''] = process.argv.slice(2)
const attacker = await createRawPartnerAt(Buffer.from(seed, 'hex'), peerId, [address])
let stop = new AbortController()
let running: Promise<unknown> = Promise.resolve()

process.on('message', async ({ attack }: { readonly attack?: string }) => {
  stop.abort()
  stop = new AbortController()
  if (attack !== undefined)
    running = Promise.resolve(attacks[attack]?.(attacker, stop.signal)).catch(() => {})
  else await Promise.race([running, new Promise((resolve) => setTimeout(resolve, 2_000))])
  process.send?.(attack ?? 'ended')
})
process.on('disconnect', () => process.exit(0))
process.send?.('ready')
