import { createServer } from 'node:http'
import type { AddressInfo } from 'node:net'
import { join } from 'node:path'
import { initWitness, type RunningNode } from '@entente/node'
import { expect, test } from 'vitest'
import { createFederation } from '../support/federation.ts'
import { inSync, openServing } from '../support/scenario.ts'

test('a witness that answers 429 is left alone for a while, and releases go on without it', async () => {
  await using federation = createFederation(['GBR', 'USA'])
  let asked = 0
  const server = createServer((request, response) => {
    if (request.method === 'POST') asked++
    response.writeHead(request.method === 'POST' ? 429 : 404).end('asked too often\n')
  })
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve))
  try {
    const { port } = server.address() as AddressInfo
    const name = 'witness.busy.example'
    const { key } = initWitness(join(federation.root, 'busy'), name)
    const url = `http://127.0.0.1:${port}`
    federation.renew(undefined, { quorum: 1, neutral: [{ name, key, url }] })
    const [gbr] = (await openServing(federation, ['GBR', 'USA'])) as [RunningNode, RunningNode]
    await inSync(gbr, 'USA')
    for (const dataset of ['production', 'needs', 'items']) {
      await gbr.subscribe({ dataset, from: 'USA', action: 'subscribe' })
      await inSync(gbr, 'USA')
    }
    // Once by each of the two nations, whose logs have grown several times since.
    expect(asked).toBeGreaterThan(0)
    expect(asked).toBeLessThanOrEqual(4)
    expect((await gbr.status()).log.missing).toMatchObject([{ nation: name, lastAtMs: null }])
  } finally {
    server.close()
    server.closeAllConnections()
  }
})
