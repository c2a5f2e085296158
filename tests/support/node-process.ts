import { openNode, type Step } from '@entente/node'

/**
 * A node in a process of its own, driven over the parent's pipe: `{id, verb, request}` is answered by `{id, result}` or
 * `{id, error}`; `{arm: STEP, times}` makes the process kill itself, as a power cut would, when it reaches that step for that time.
 */
type Message =
  | { readonly arm: Step; readonly times: number }
  | { readonly id: number; readonly verb: string; readonly request: unknown }

let armed: Step | null = null
let left = 0
const node = await openNode({
  folder: process.argv[2] ?? '',
  network: true,
  // As `entente serve` does.
  onUncertain: () => process.exit(1),
  onStep: (step) => {
    if (step === armed && --left === 0) process.kill(process.pid, 'SIGKILL')
  },
})
const verbs = node as unknown as Record<string, (request: unknown) => Promise<unknown>>

process.on('message', (message: Message) => {
  if ('arm' in message) {
    armed = message.arm
    left = message.times
    process.send?.({ id: -1, result: armed })
    return
  }
  const { id, verb, request } = message
  Promise.resolve(verbs[verb]?.(request)).then(
    (result) => process.send?.({ id, result: result ?? null }),
    (error: unknown) => process.send?.({ id, error: String(error) }),
  )
})
process.on('disconnect', () => process.exit(0))
process.send?.({ id: 0, result: 'open' })
