import { createServer } from 'node:net'

/** Below the range from which a system takes ports by itself, above those of demos. */
const FIRST = 12_000
const BLOCKS = 50
const EACH = 400

/**
 * The first of 399 ports that no other test process of this machine uses, of this run or of one beside it: who listens on the port before them has
 * them, as long as it lives.
 */
export async function ownPorts(): Promise<number> {
  for (let i = 0; i < BLOCKS; i++) {
    const claim = FIRST + ((process.pid + i) % BLOCKS) * EACH
    if (await take(claim)) return claim + 1
  }
  throw new Error('other test processes have all ports from 12000 to 31999')
}

/** Takes a port for the life of this process. @returns false: somebody has it */
const take = (port: number): Promise<boolean> =>
  new Promise((resolve, reject) => {
    const server = createServer().unref()
    server.once('error', (error: NodeJS.ErrnoException) =>
      error.code === 'EADDRINUSE' ? resolve(false) : reject(error),
    )
    server.listen({ port, host: '127.0.0.1', exclusive: true }, () => resolve(true))
  })
