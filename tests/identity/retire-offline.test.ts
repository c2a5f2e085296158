import { readFileSync } from 'node:fs'
import {
  answeredRoot,
  answerRequest,
  askRoot,
  formatAnswer,
  installAnswer,
  openRequest,
  type RunningNode,
  readSigner,
} from '@entente/node'
import { retireLog } from '@entente/node/by-hand'
import { expect, test } from 'vitest'
import { createFederation } from '../support/federation.ts'
import { createMemoryLines } from '../support/memory-federation.ts'
import { inSync, openServing, readRows } from '../support/scenario.ts'

test('a log is ended by a root on another computer: asked first, nothing written; then with its two words, and no others', async () => {
  await using federation = createFederation(['GBR', 'USA'])
  const lines = createMemoryLines(federation)
  const nodes = (await openServing(federation, ['USA', 'GBR'], lines.options)) as [
    RunningNode,
    RunningNode,
  ]
  await inSync(nodes[0], 'GBR')
  for (const node of nodes) await node[Symbol.asyncDispose]()

  const folder = federation.folder('USA')
  const clock = { nowMs: () => Date.now() }
  const nationFile = `${folder}/USA.nation.json`
  const before = readFileSync(nationFile, 'utf8')
  const retire = (root: Parameters<typeof retireLog>[1]) => retireLog(folder, root, { clock })
  const { text } = askRoot(folder, retire, { atMs: Date.now(), words: 2 })
  expect(readFileSync(nationFile, 'utf8')).toBe(before)
  expect(readRows(folder, 'SELECT * FROM ended_log')).toEqual([])

  const request = openRequest(text)
  expect(request.documents.map(({ type }) => type)).toEqual([
    'entente-genesis-seal',
    'entente-certificate',
  ])
  const root = readSigner(federation.rootKey('USA'))
  const answer = formatAnswer(answerRequest(request, root))
  expect(() => installAnswer(folder, answer)).toThrow('log retire --signed')
  const signer = answeredRoot(folder, answer)
  expect(() => signer.sign(new TextEncoder().encode('another word'))).toThrow('ask again')
  const done = retire(signer)
  expect(done.origin).toBe('usa.entente.example/release-log/2')
  federation.renew()
  await openServing(federation, ['USA', 'GBR'], lines.options)
})
