import { createServer, type IncomingMessage, type ServerResponse } from 'node:http'
import type { AddressInfo } from 'node:net'
import { join } from 'node:path'
import { initWitness, type RunningNode, readSigner } from '@entente/node'
import {
  cosign,
  formatSignatureLine,
  parseAddCheckpoint,
  parseNote,
  parseVerifierKey,
} from '@entente/tlog'
import { expect, test } from 'vitest'
import { createFederation, eventually, type Federation } from '../support/federation.ts'
import { capability, inSync, livePolicy, openServing, readRows } from '../support/scenario.ts'

const name = 'witness.lying.example'

/** Two nations, either of which may publish with the word of a third party that does as it likes. */
async function withNeutral(
  federation: Federation,
  answer: (body: string, response: ServerResponse) => void,
): Promise<AsyncDisposable> {
  const bodyOf = async (request: IncomingMessage) =>
    Buffer.concat(await Array.fromAsync(request as AsyncIterable<Buffer>)).toString()
  const server = createServer((request, response) => {
    if (request.method === 'POST') void bodyOf(request).then((body) => answer(body, response))
    else response.writeHead(404).end('unknown log\n')
  })
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve))
  const { key } = initWitness(join(federation.root, 'neutral'), name)
  const url = `http://127.0.0.1:${(server.address() as AddressInfo).port}`
  federation.renew(undefined, { quorum: 1, neutral: [{ name, key, url }] })
  return {
    [Symbol.asyncDispose]: async () => {
      server.close()
      server.closeAllConnections()
    },
  }
}
async function releasing(federation: Federation): Promise<[gbr: RunningNode, usa: RunningNode]> {
  const [gbr, usa] = (await openServing(federation, ['GBR', 'USA'])) as [RunningNode, RunningNode]
  await usa.policyInstall(federation.sign('USA', livePolicy('USA')))
  await gbr.subscribe({ dataset: 'production', from: 'USA', action: 'subscribe' })
  await inSync(usa, 'GBR')
  return [gbr, usa]
}

test('a witness that takes a question and never answers holds up nothing', async () => {
  await using federation = createFederation(['GBR', 'USA'])
  let asked = 0
  await using _ = await withNeutral(federation, () => asked++)
  const [gbr, usa] = await releasing(federation)
  const tookMs: number[] = []
  for (let i = 0; i < 6; i++) {
    const startMs = performance.now()
    await usa.recordAdd(capability({ title: `lone ${i}` }))
    await eventually('GBR sees it', async () => (await gbr.search({ text: `lone ${i}` }))[0])
    tookMs.push(performance.now() - startMs)
    await new Promise((resolve) => setTimeout(resolve, 2_500))
  }
  expect(asked).toBeGreaterThan(0)
  // A question to it is given up after ten seconds. A machine makes a pause now and then; a witness that held up releases would
  // hold up more than one.
  expect(tookMs.toSorted((a, b) => a - b)[4]).toBeLessThan(8_000)
}, 180_000)

test.each([
  ['ahead', 70 * 365 * 86_400],
  ['behind', -86_400],
])('a witness that dates its cosignatures %s is not taken at its word', async (_, offS) => {
  await using federation = createFederation(['GBR', 'USA'])
  let asked = 0
  await using _server = await withNeutral(federation, (body, response) => {
    asked++
    const { publicKey, sign } = readSigner(join(federation.root, 'neutral', 'witness.pem'))
    const key = parseVerifierKey(
      federation.roster.witnessPolicy.witnesses.find((one) => 'name' in one)?.key ?? '',
    )
    expect(key.publicKey).toEqual(publicKey)
    const timeS = Math.floor(Date.now() / 1000) + offS
    const line = cosign(parseAddCheckpoint(body).note.text, { key, sign }, timeS)
    response.writeHead(200).end(formatSignatureLine(line))
  })
  const [gbr, usa] = await releasing(federation)
  await usa.recordAdd(capability({ title: 'dated' }))
  await eventually('GBR sees it', async () => (await gbr.search({ text: 'dated' }))[0])
  expect(asked).toBeGreaterThan(0)
  const rows = readRows(federation.folder('USA'), 'SELECT note, cosigs FROM checkpoint')
  const signers = rows.flatMap(({ note, cosigs }) =>
    parseNote(`${String(note)}${String(cosigs)}`).signatures.map((line) => line.name),
  )
  expect(signers).not.toContain(name)
  expect((await usa.status()).log.missing).toMatchObject([{ nation: name, lastAtMs: null }])
})
