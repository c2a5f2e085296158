import { readdirSync, readFileSync } from 'node:fs'
import { join } from 'node:path'
import { loadOwn, NodeError, type RunningNode, readSigner } from '@entente/node'
import { PolicyDocument, sealOf } from '@entente/policy'
import { type Label, type Nation, peekJws, policySealType, signJws } from '@entente/schema'
import { expect, test } from 'vitest'
import { findIn, folderEvidence, readAll } from '../support/evidence.ts'
import { createFederation, eventually } from '../support/federation.ts'
import { recordingTransport } from '../support/recording-transport.ts'
import { capability, open, openServing } from '../support/scenario.ts'
import { newWord } from './canary.ts'

const everybody = { recipient: { in: ['GBR', 'NOR'] } }
const policyOf = (edition: number, rules: readonly object[], change: object = {}) => ({
  nation: 'USA',
  edition,
  from: '2020-01-01',
  until: '2099-01-01',
  datasets: { production: { mode: 'live', title: 'Production' } },
  groups: { PARTNERS: [{ nation: 'GBR', from: '2020-01-01' }] },
  ceilings: { GBR: 'SECRET', NOR: 'SECRET' },
  bands: {},
  rules,
  tests: [],
  ...change,
})
const permit = {
  id: 'all',
  effect: 'permit',
  match: everybody,
  reasonCode: 'ALL',
  authority: 'Exercise arrangement',
}

test('a partner gets nothing until a signed policy names it, and what is empty names nobody', async () => {
  await using federation = createFederation(['GBR', 'NOR', 'USA'])
  const sent: { readonly to: Nation; readonly bytes: Uint8Array }[] = []
  const [gbr, nor, usa] = (await openServing(federation, ['GBR', 'NOR', 'USA'], (nation) => ({
    transport: recordingTransport(federation.folder(nation), ({ direction, partner, bytes }) => {
      if (direction === 'out' && nation === 'USA') sent.push({ to: partner, bytes })
    }),
  }))) as [RunningNode, RunningNode, RunningNode]
  for (const node of [gbr, nor])
    await node.subscribe({ dataset: 'production', from: 'USA', action: 'subscribe' })
  const [shared, nobody] = [newWord(), newWord()]
  const both: Label = { ...open, releasableTo: ['GBR', 'NOR'] }
  const label = (word: string, to: Label) => capability({ title: word }, { title: to })
  const one = await usa.recordAdd(label(shared, both))
  const other = await usa.recordAdd(label(nobody, { ...open, releasableTo: [] }))
  const words = [shared, nobody, one.id.slice(12), other.id.slice(12)]

  const settled = () =>
    eventually('all is published and decided', async () => {
      const { log } = await usa.status()
      const { nations } = await usa.preview({})
      return log.size === log.published && nations.every(({ lines }) => lines.length === 0)
    })
  const releases = () =>
    sent.filter(({ bytes }) => {
      if (bytes[0] !== 0x7b) return false
      const { jws } = JSON.parse(String(Buffer.from(bytes))) as { jws?: string }
      return jws !== undefined && peekJws(jws).typ === 'entente-release'
    })
  const install = async (document: object) => usa.policyInstall(federation.sign('USA', document))
  /** What nations other than the USA have of those words. */
  const seen = (...nations: Nation[]) =>
    findIn(
      readAll([
        ...sent
          .filter(({ to }) => nations.includes(to))
          .map(({ bytes }) => ({ place: 'frame', bytes })),
        ...nations.flatMap((nation) => [...folderEvidence(federation.folder(nation))]),
      ]),
      words,
    )

  // Paired, subscribed, and a record marked for both: without a policy that is nothing.
  await settled()
  expect(releases()).toEqual([])

  // Nothing that is empty, and nobody without the authority's key, gives anything away.
  await expect(install(policyOf(1, [{ ...permit, match: {} }]))).rejects.toThrow(NodeError)
  await expect(
    install(policyOf(1, [{ ...permit, match: { recipient: { in: [] } } }])),
  ).rejects.toThrow()
  const document = PolicyDocument.parse(policyOf(1, [permit]))
  const { keys } = loadOwn(federation.folder('USA'))
  for (const signatures of [[], [signJws(policySealType, sealOf(document), keys.statement.sign)]])
    await expect(usa.policyInstall({ policy: document, signatures })).rejects.toThrow(
      expect.objectContaining({ code: 'POLICY_REFUSED' }),
    )
  await install(policyOf(1, []))
  await settled()
  await install(policyOf(2, [permit], { ceilings: {} }))
  await settled()
  await install(policyOf(3, [permit], { datasets: {} }))
  await settled()
  expect(releases()).toEqual([])
  expect(seen('GBR', 'NOR')).toEqual([])

  // Named alone, GBR gets the record marked for it; NOR still nothing; nobody what is marked for nobody.
  await install(policyOf(4, [{ ...permit, match: { recipient: { in: ['GBR'] } } }]))
  await eventually('GBR has it', async () => (await gbr.search({ text: shared }))[0])
  await settled()
  expect(seen('NOR')).toEqual([])
  expect(new Set(seen('GBR').map(({ needle }) => needle))).toEqual(new Set([words[0], words[2]]))
  expect(await nor.recordList({ originator: 'USA' })).toEqual([])
})

test('no key of the nation lies on its node, so an administrator cannot sign a policy', async () => {
  await using federation = createFederation(['GBR', 'USA'])
  const authority = join(federation.root, 'authority')
  const needles = ['root', 'authority'].map((use) => {
    const path = join(authority, `USA.${use}.pem`)
    expect(readSigner(path).publicKey).toHaveLength(32)
    return readFileSync(path, 'utf8').split('\n')[1] ?? ''
  })
  const places = (folder: string) => {
    const read = readAll(folderEvidence(folder))
    return findIn(read, needles).map(({ place }) => place)
  }
  expect(readdirSync(join(federation.folder('USA'), 'keys'))).not.toEqual([])
  expect(places(federation.folder('USA'))).toEqual([])
  expect(places(authority)).toEqual(['USA.authority.pem', 'USA.root.pem'])
})
