import { installSuccession, loadNodeFolder, openNode } from '@entente/node'
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
