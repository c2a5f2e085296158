import { createHash } from 'node:crypto'
import { serveWitness } from '@entente/node'
import { peekJws } from '@entente/schema'
import {
  addCosignatures,
  formatAddCheckpoint,
  parseCheckpoint,
  parseNote,
  parseSignatureLines,
  parseVerifierKey,
  verifyCosignatures,
} from '@entente/tlog'
import { expect, test } from 'vitest'
import { createFederation } from '../support/federation.ts'
import { inSync, openServing } from '../support/scenario.ts'

test('a witness answers clients over HTTP as C2SP says, by the same state as its partners', async () => {
  await using federation = createFederation(['GBR', 'NOR', 'USA'])
  const [gbr, nor] = await openServing(federation, ['GBR', 'NOR', 'USA'])
  if (gbr === undefined || nor === undefined) throw new Error('not open')
  await inSync(gbr, 'NOR')
  const signed = Buffer.from((await gbr.logFile('checkpoint')) ?? '', 'base64').toString()
  const { origin, size } = parseCheckpoint(parseNote(signed).text)

  await using server = await serveWitness((request) => nor.witnessAnswer(request), {
    host: '127.0.0.1',
    port: 0,
  })
  const at = (path: string) => new URL(path, server.url)
  const post = async (body: string | Uint8Array, path = 'add-checkpoint') => {
    const answer = await fetch(at(path), { method: 'POST', body })
    return {
      status: answer.status,
      type: answer.headers.get('content-type'),
      text: await answer.text(),
    }
  }
  const ask = (oldSize: number, checkpoint = signed) =>
    formatAddCheckpoint({ oldSize, proof: [], checkpoint })

  const cosigned = await post(ask(size))
  expect(cosigned).toMatchObject({ status: 200, type: 'text/plain; charset=utf-8' })
  const [certificate = ''] =
    federation.roster.nations.find(({ nation }) => nation === 'NOR')?.certificates ?? []
  const { witnessKey } = peekJws(certificate).payload as { readonly witnessKey: string }
  const key = parseVerifierKey(witnessKey)
  const [text, lines = ''] = signed.split('\n\n')
  const bare = parseNote(`${text}\n\n${lines.split('\n')[0]}\n`)
  expect(parseSignatureLines(cosigned.text)).toHaveLength(1)
  const whole = addCosignatures(bare, cosigned.text, [key])
  expect(verifyCosignatures(whole, [key])).toHaveLength(1)

  const hash = createHash('sha256').update(origin).digest('hex')
  const seen = await fetch(at(`${hash}/checkpoint`))
  expect([seen.status, parseNote(await seen.text()).text]).toEqual([200, parseNote(signed).text])

  expect(await post(ask(0))).toEqual({ status: 409, type: 'text/x.tlog.size', text: `${size}\n` })
  expect(await post(ask(size, signed.replace(origin, 'other.example/log')))).toMatchObject({
    status: 404,
  })
  expect(await post(ask(size, signed.replace(/^(.*\n)\d+\n/, '$1999\n')))).toMatchObject({
    status: 403,
  })
  expect(await post('nonsense')).toMatchObject({ status: 400 })
  expect(await post(Uint8Array.of(0xff, 0xfe))).toMatchObject({ status: 400 })
  expect(await post('x'.repeat(70_000))).toMatchObject({ status: 413 })
  expect(await post(ask(size), 'checkpoint')).toMatchObject({ status: 404 })
  for (const path of [`${'0'.repeat(64)}/checkpoint`, 'add-checkpoint', 'x', ''])
    expect((await fetch(at(path))).status, path).toBe(404)
  expect(parseNote(signed).text).toBe(
    parseNote(await (await fetch(at(`${hash}/checkpoint`))).text()).text,
  )
})
