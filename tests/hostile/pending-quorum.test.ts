import { readdirSync, readFileSync } from 'node:fs'
import { join } from 'node:path'
import { loadNodeFolder, type RunningNode } from '@entente/node'
import { expect, test } from 'vitest'
import { createFederation, eventually, type Federation } from '../support/federation.ts'
import { capability, inSync, livePolicy, openServing } from '../support/scenario.ts'
import { fedBy, watch } from '../support/watched-transport.ts'

const by = { author: 'analyst', reason: 'a test' }

/** USA releases to GBR, whose stream is watched; AUS, without whom there is no quorum, has stopped. */
async function withoutQuorum(pendingQuorum: boolean) {
  const federation = createFederation(['AUS', 'GBR', 'USA'])
  federation.renew(undefined, { quorum: 2, pendingQuorum })
  const watched = watch(federation.folder('GBR'))
  const [usa, gbr, aus] = (await openServing(federation, ['USA', 'GBR', 'AUS'], (nation) =>
    nation === 'GBR' ? { transport: watched.transport } : {},
  )) as [RunningNode, RunningNode, RunningNode]
  await usa.policyInstall(federation.sign('USA', livePolicy('USA')))
  await gbr.subscribe({ dataset: 'production', from: 'USA', action: 'subscribe' })
  await usa.recordAdd(capability({ title: 'first' }))
  await eventually('GBR sees it', async () => (await gbr.search({ text: 'first' }))[0])
  await inSync(usa, 'GBR')
  await aus[Symbol.asyncDispose]()
  const { peerId } = loadNodeFolder(federation.folder('USA'))
  const frames = () => fedBy(watched, peerId)
  return { federation, usa, gbr, watched, frames }
}
const bytesOf = (federation: Federation) =>
  readdirSync(federation.folder('GBR'))
    .filter((name) => name.startsWith('entente.db'))
    .map((name) => readFileSync(join(federation.folder('GBR'), name), 'latin1'))
    .join('')
const pendingIn = (frames: readonly { readonly t: string }[]) =>
  frames.filter(({ t }) => t === 'pending').length

test('where the coalition says so, what widens goes ahead of its quorum, and nobody can read it before', async () => {
  const { federation, usa, gbr, watched, frames } = await withoutQuorum(true)
  await using _ = federation
  const before = pendingIn(frames())
  await usa.recordAdd(capability({ title: 'kestrelnestling nine' }))
  await eventually('it is with GBR', () => pendingIn(frames()) > before)
  await new Promise((resolve) => setTimeout(resolve, 300))
  expect(await gbr.search({ text: 'kestrelnestling' })).toEqual([])
  // Neither on the wire nor on the disk of the recipient, and nothing is acknowledged.
  expect(watched.frames.some(({ text }) => text.includes('kestrelnestling'))).toBe(false)
  expect(bytesOf(federation)).not.toContain('kestrelnestling')
  const { partners } = await usa.status()
  expect(partners.find(({ nation }) => nation === 'GBR')?.sent.acknowledged).toBe(false)

  await federation.open('AUS')
  await eventually(
    'GBR reads it',
    async () => (await gbr.search({ text: 'kestrelnestling' }))[0],
    40_000,
  )
  await inSync(usa, 'GBR', 40_000)
  // With the quorum only the key has come.
  expect(watched.frames.some(({ text }) => text.includes('kestrelnestling'))).toBe(false)
  expect(watched.frames.some(({ text }) => text.includes('"key":"'))).toBe(true)
})

test('what is taken back before its quorum can never be opened', async () => {
  const { federation, usa, gbr, watched, frames } = await withoutQuorum(true)
  await using _ = federation
  const before = pendingIn(frames())
  const { id } = await usa.recordAdd(capability({ title: 'kestrelnestling nine' }))
  await eventually('it is with GBR', () => pendingIn(frames()) > before)
  const keys = () => watched.frames.filter(({ text }) => text.includes('"key":"')).length
  const given = keys()
  await usa.recordWithdraw({ id, ...by })
  await federation.open('AUS')
  await inSync(usa, 'GBR', 40_000)
  expect(keys()).toBe(given)
  // Nor is it named: what was never opened is counted.
  expect(watched.frames.some(({ text }) => text.includes(id))).toBe(false)
  expect(await gbr.search({ text: 'kestrelnestling' })).toEqual([])
  expect(watched.frames.some(({ text }) => text.includes('kestrelnestling'))).toBe(false)
})

test('nothing goes ahead where the coalition has not said so', async () => {
  const { federation, usa, frames } = await withoutQuorum(false)
  await using _ = federation
  await usa.recordAdd(capability({ title: 'kestrelnestling nine' }))
  await new Promise((resolve) => setTimeout(resolve, 1_000))
  expect(pendingIn(frames())).toBe(0)
})
