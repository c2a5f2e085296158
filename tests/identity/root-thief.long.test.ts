import { rmSync } from 'node:fs'
import { installSuccession, loadNodeFolder, loadOwn, openNode } from '@entente/node'
import { rootsIn } from '@entente/schema'
import { afterAll, beforeAll, expect, test } from 'vitest'
import { createFederation, type Federation } from '../support/federation.ts'
import { edition, keyOf, rootsOf } from './roots.ts'

// A thief held the old root of NOR for a day, and names a successor of its own. Nobody at GBR can tell.
let own: Federation
let roots: ReturnType<typeof rootsOf>
beforeAll(() => {
  own = createFederation(['GBR', 'NOR'])
  roots = rootsOf(own)
})
afterAll(() => own[Symbol.asyncDispose]())

const inForce = (nation: 'GBR' | 'NOR') => {
  const member = loadNodeFolder(own.folder(nation)).roster?.members.get('NOR')
  return member === undefined ? [] : rootsIn(member)
}

test('a nation takes no root of its own but the one of its nation file, whoever has signed', async () => {
  const { fileOf, newRoot, root, succeeded } = roots
  const [next, thief] = [newRoot(), newRoot()]
  const stolen = succeeded(thief)
  const theirs = edition(2, [fileOf('GBR'), stolen], [root('GBR'), thief])
  {
    await using nor = await openNode({ folder: own.folder('NOR'), network: false })
    await expect(nor.rosterSigned({ roster: theirs })).rejects.toMatchObject({
      code: 'PROPOSAL_ROOT',
    })
  }
  installSuccession(own.folder('NOR'), succeeded(next))
  await using nor = await openNode({ folder: own.folder('NOR'), network: false })
  // Both words are here, and so it is said which two there are.
  expect((await nor.status()).pairing[0]).toContain('has named two successors')
  await expect(nor.rosterSigned({ roster: theirs })).rejects.toMatchObject({ code: 'ROOT_TWICE' })
  expect(inForce('NOR')).toEqual([keyOf(root('NOR'))])
})

test('the six words are the same at both ends while a successor waits for its roster', async () => {
  await using gbrs = createFederation(['GBR'])
  await using nors = createFederation(['NOR'])
  const { newRoot, succeeded } = rootsOf(nors)
  for (const one of [gbrs, nors])
    rmSync(loadOwn(one.folder(one === gbrs ? 'GBR' : 'NOR')).rosterPath, { force: true })
  await using gbr = await openNode({ folder: gbrs.folder('GBR'), network: false })
  await using nor = await openNode({ folder: nors.folder('NOR'), network: false })
  installSuccession(nors.folder('NOR'), succeeded(newRoot()))
  const { text } = await gbr.partnerInvite({ nation: 'NOR', forMs: 1e7 })
  const given = { text, signature: null, compared: false }
  const { reply, code } = await nor.partnerAccept(given)
  expect((await nor.partnerShow({ nation: 'GBR' })).code).toBe(code)
  const { offers } = await gbr.pairingReplies({ replies: [reply] })
  expect(offers.map((each) => each.code)).toEqual([code])
  // And the other way round.
  const back = await nor.partnerInvite({ nation: 'GBR', forMs: 1e7 })
  const answer = await gbr.partnerAccept({ ...given, text: back.text })
  const { offers: ours } = await nor.pairingReplies({ replies: [answer.reply] })
  expect(ours.map((each) => each.code)).toEqual([answer.code])
})

test('a nation that has lost its root comes back under another one that people let in by hand', async () => {
  await using federation = createFederation(['GBR', 'NOR'])
  const { fileOf, newRoot, root, succeeded } = rootsOf(federation)
  const fresh = newRoot()
  const { successions: _, ...file } = succeeded(fresh)
  const folder = federation.folder('GBR')
  {
    await using gbr = await openNode({ folder, network: false })
    await gbr.partnerRevoke({ nation: 'NOR', reason: 'its root is lost' })
  }
  const roster = edition(2, [fileOf('GBR'), file], [root('GBR'), fresh])
  {
    await using gbr = await openNode({ folder, network: false })
    await expect(gbr.rosterSigned({ roster })).rejects.toMatchObject({ code: 'PROPOSAL_ROOT' })
    await expect(gbr.rosterInstall({ roster })).rejects.toMatchObject({ code: 'ROOT_CHANGED' })
    await gbr.rosterInstall({ roster, allowRoots: ['NOR'] })
  }
  await using gbr = await openNode({ folder, network: false })
  const shown = await gbr.partnerShow({ nation: 'NOR' })
  expect([shown.state, shown.root]).toEqual(['paired', keyOf(fresh)])
})
