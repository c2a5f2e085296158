import { createServer } from 'node:http'
import type { AddressInfo } from 'node:net'
import { join } from 'node:path'
import { initWitness, type RunningNode } from '@entente/node'
import { formatAddCheckpoint } from '@entente/tlog'
import { expect, test } from 'vitest'
import { createFederation, eventually } from '../support/federation.ts'
import { createHostileSender } from '../support/hostile-sender.ts'
import { createRawPartner } from '../support/raw-partner.ts'
import { inSync, openServing, readRows } from '../support/scenario.ts'

test('case 17: of requests at once for a tree and larger ones, none takes the witness back', async () => {
  const atMs = Date.now()
  await using federation = createFederation(['GBR', 'USA'])
  const gbr = await federation.open('GBR', { alone: true })
  await eventually('it serves', async () => (await gbr.status()).state === 'serving')
  await using raw = await createRawPartner(federation, 'USA', 'GBR')
  const usa = createHostileSender(federation, 'USA', 'GBR', atMs)
  const submit = (body: string) => raw.witness(`POST /add-checkpoint\n\n${body}`)
  const ask = (oldSize: number) => {
    const proof = oldSize === 0 ? [] : usa.consistency(oldSize)
    return formatAddCheckpoint({ oldSize, proof, checkpoint: usa.signedCheckpoint() })
  }
  const stored = () => readRows(federation.folder('GBR'), 'SELECT size FROM witnessed')[0]?.['size']
  expect(await submit(ask(0))).toMatch(/^200\n/)
  const growing = Array.from({ length: 5 }, () => {
    usa.log('pad', { origin: usa.origin, at: atMs })
    return ask(1)
  })
  const answers = await Promise.all(growing.toReversed().map(submit))
  // All begin at size 1, where only the first of them finds the witness.
  expect(answers.filter((answer) => answer.startsWith('200\n'))).toHaveLength(1)
  const rest = answers.filter((answer) => !answer.startsWith('200\n'))
  expect(rest).toEqual(rest.map(() => `409\n${stored()}\n`))
})

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
