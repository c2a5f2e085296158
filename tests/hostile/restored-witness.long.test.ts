import { cpSync, readFileSync, rmSync } from 'node:fs'
import { join } from 'node:path'
import { loadNodeFolder, loadOwn, type RunningNode, readSigner, rotateWitness } from '@entente/node'
import { formatAddCheckpoint } from '@entente/tlog'
import { expect, test } from 'vitest'
import { createFederation, eventually, type Federation } from '../support/federation.ts'
import { createHostileSender, type HostileSender } from '../support/hostile-sender.ts'
import { createRawPartner } from '../support/raw-partner.ts'
import { openServing, readRows } from '../support/scenario.ts'

const atMs = Date.now()
const nations = ['AUS', 'GBR', 'USA'] as const
const at = (federation: Federation, name: string) => join(federation.folder('GBR'), name)

/** GBR has cosigned two checkpoints of USA, and has stopped; its database is as it was after the first. */
async function afterAnOldCopy() {
  const federation = createFederation(nations)
  const usa = createHostileSender(federation, 'USA', 'GBR', atMs)
  const aus = await federation.open('AUS')
  const submit = async (oldSize: number): Promise<string> => {
    await using raw = await createRawPartner(federation, 'USA', 'GBR')
    return await raw.witness(add(usa, oldSize))
  }
  const work = async (oldSize: number) => {
    const gbr = await federation.open('GBR')
    await serves(gbr)
    expect(await submit(oldSize)).toMatch(/^200\n/)
    await gbr[Symbol.asyncDispose]()
  }
  await work(0)
  cpSync(at(federation, 'entente.db'), join(federation.root, 'old.db'))
  usa.log('pad', { origin: usa.origin, at: atMs })
  await work(1)
  return { federation, usa, aus, submit }
}
const add = (usa: HostileSender, oldSize: number): string => {
  const proof = oldSize === 0 || oldSize === usa.size() ? [] : usa.consistency(oldSize)
  const body = formatAddCheckpoint({ oldSize, proof, checkpoint: usa.signedCheckpoint() })
  return `POST /add-checkpoint\n\n${body}`
}
const serves = (node: RunningNode) =>
  eventually('it serves', async () => (await node.status()).state === 'serving')
const countOf = (federation: Federation) =>
  Number(readFileSync(at(federation, 'witness-count'), 'utf8').split(' ')[1])

test.each<[what: string, lose: (federation: Federation) => void, words: string]>([
  [
    'an old database',
    (federation) => {
      for (const end of ['', '-wal', '-shm'])
        rmSync(at(federation, `entente.db${end}`), { force: true })
      cpSync(join(federation.root, 'old.db'), at(federation, 'entente.db'))
    },
    'the database is an old copy',
  ],
  [
    'no witness-count file',
    (federation) => rmSync(at(federation, 'witness-count')),
    'the witness-count file is missing',
  ],
])('case 50: a witness with %s cosigns nothing, not even what it knows', async (_, lose, words) => {
  const { federation, submit } = await afterAnOldCopy()
  await using _federation = federation
  expect(countOf(federation)).toBeGreaterThanOrEqual(2)
  lose(federation)
  const gbr = await federation.open('GBR', { alone: true })
  for (const oldSize of [0, 1, 2])
    expect(await submit(oldSize)).toMatch(/^503\nthis witness may have lost state/)
  const { witness, ok } = await gbr.status()
  expect(witness.lost).toContain(words)
  expect(ok).toBe(false)
})

test('case 19: a witness that has lost everything but its key is no new witness', async () => {
  const { federation, submit } = await afterAnOldCopy()
  await using _ = federation
  for (const name of [
    'entente.db',
    'entente.db-wal',
    'entente.db-shm',
    'log-head',
    'witness-count',
  ])
    rmSync(at(federation, name), { force: true })
  await federation.open('GBR', { alone: true })
  expect(await submit(0)).toMatch(/^503\n.*the witness-count file is missing/)
})

test('case 50: a witness whose whole folder is an old copy learns it from its own cosignature', async () => {
  const federation = createFederation(nations)
  await using _ = federation
  const [gbr, aus] = (await openServing(federation, ['GBR', 'AUS'])) as [RunningNode, RunningNode]
  const old = join(federation.root, 'old')
  const whole = async () => (await aus.status()).log
  await eventually(
    'AUS is published',
    async () => (await whole()).published === (await whole()).size,
  )
  await gbr[Symbol.asyncDispose]()
  cpSync(federation.folder('GBR'), old, { recursive: true })
  const back = await federation.open('GBR')
  await serves(back)
  await aus.subscribe({ dataset: 'production', from: 'USA', action: 'subscribe' })
  await eventually('it is cosigned', async () => (await whole()).published === (await whole()).size)
  await back[Symbol.asyncDispose]()
  rmSync(federation.folder('GBR'), { recursive: true })
  cpSync(old, federation.folder('GBR'), { recursive: true })
  // USA holds the checkpoint of AUS with the cosignature of GBR.
  const usa = await federation.open('USA')
  await serves(usa)
  await eventually(
    'USA has admitted it',
    () =>
      readRows(
        federation.folder('USA'),
        "SELECT 1 FROM partner_checkpoint WHERE note LIKE '%gbr.%'",
      ).length > 0,
  )
  await aus[Symbol.asyncDispose]()
  const again = await federation.open('GBR')
  await eventually('GBR knows', async () => (await again.status()).witness.lost !== null)
  expect((await again.status()).witness.lost).toContain('its own cosignature over size')
})

test('case 50: a rotated key goes on from what its witness remembers, is certified by the root, and cosigns again', async () => {
  const { federation, usa, aus, submit } = await afterAnOldCopy()
  await using _ = federation
  rmSync(at(federation, 'witness-count'))
  const root = (nation: string) =>
    readSigner(join(federation.root, 'authority', `${nation}.root.pem`))
  expect(() => rotateWitness(federation.folder('GBR'), root('USA'))).toThrow('not the root of GBR')
  const before = loadOwn(federation.folder('GBR')).cosigner.key
  const { witnessKey } = rotateWitness(federation.folder('GBR'), root('GBR'))
  // Run again, it certifies the same key.
  expect(rotateWitness(federation.folder('GBR'), root('GBR')).witnessKey).toBe(witnessKey)
  // Until the roster names it, the node goes on, and its witness refuses.
  const meanwhile = await federation.open('GBR', { alone: true })
  expect(await submit(2)).toMatch(/^503\n/)
  await meanwhile[Symbol.asyncDispose]()
  await aus[Symbol.asyncDispose]()

  federation.renew()
  const { cosigner } = loadNodeFolder(federation.folder('GBR'))
  expect(cosigner.key.keyId).not.toBe(before.keyId)
  await openServing(federation, ['GBR', 'AUS'])
  expect(
    readRows(federation.folder('GBR'), "SELECT size FROM witnessed WHERE origin LIKE 'usa%'"),
  ).toEqual([{ size: usa.size() }])
  usa.log('pad', { origin: usa.origin, at: atMs })
  // Two keys of one nation do not cosign two histories: the log proves that it has grown from what the first has seen.
  expect(await submit(0)).toBe(`409\n${usa.size() - 1}\n`)
  expect(await submit(usa.size() - 1)).toMatch(/^200\n/)
})
