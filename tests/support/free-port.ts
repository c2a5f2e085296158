import { randomInt } from 'node:crypto'
import { once } from 'node:events'
import { createServer } from 'node:net'

/**
 * A port of loopback that nobody has now, for a node that is told where to listen. Below those that a system gives to whoever dials out, of
 * which one that is free now may be somebody's by the time that the node listens; and below those of demos and of `createFederation`.
 * @param taken ports that were given before
 */
export async function freePort(taken: readonly number[] = []): Promise<number> {
  const port = randomInt(9_000, 10_000)
  const server = createServer()
  const isFree = await new Promise<boolean>((resolve) => {
    server.once('error', () => resolve(false))
    server.listen(port, '127.0.0.1', () => resolve(true))
  })
  if (!isFree) return freePort([...taken, port])
  server.close()
  await once(server, 'close')
  return taken.includes(port) ? freePort(taken) : port
}
