import { randomInt } from 'node:crypto'
import { once } from 'node:events'
import { createServer } from 'node:net'

const given = new Set<number>()

/**
 * A port of loopback that nobody has now, for a node that is told where to listen; each is given once. Below those that a system gives to
 * whoever dials out, of which one that is free now may be somebody's by the time that the node listens; and below those of demos and of
 * `createFederation`.
 */
export async function freePort(): Promise<number> {
  const port = randomInt(9_000, 10_000)
  if (given.has(port)) return freePort()
  given.add(port)
  const server = createServer()
  const isFree = await new Promise<boolean>((resolve, reject) => {
    server.once('error', (error: NodeJS.ErrnoException) =>
      error.code === 'EADDRINUSE' ? resolve(false) : reject(error),
    )
    server.listen(port, '127.0.0.1', () => resolve(true))
  })
  if (!isFree) return freePort()
  server.close()
  await once(server, 'close')
  return port
}
