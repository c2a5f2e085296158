import { writeFileSync } from 'node:fs'
import { installSuccession, loadOwn, revokeKey, verifyEd25519 } from '@entente/node'
import { openRevocation, openRoster } from '@entente/schema'
import { expect, test } from 'vitest'
import { createFederation } from '../support/federation.ts'
import { atMs, codeOf, edition, keyOf, rootsOf } from './roots.ts'

const word = { lastGood: 0, reason: 'test', atMs }

test('where nation file and roster name two successors, the old root can still take back', async () => {
  await using own = createFederation(['GBR', 'NOR'])
  const { fileOf, newRoot, root, succeeded } = rootsOf(own)
  const [next, thief] = [newRoot(), newRoot()]
  const stolen = edition(2, [fileOf('GBR'), succeeded(thief)], [root('GBR'), thief])
  installSuccession(own.folder('NOR'), succeeded(next))
  // As a version of before has let it in.
  writeFileSync(loadOwn(own.folder('NOR')).rosterPath, JSON.stringify(stolen))
  const { seal } = revokeKey(own.folder('NOR'), root('NOR'), word)
  expect(
    openRevocation(openRoster(stolen, verifyEd25519).members, seal, verifyEd25519),
  ).toBeDefined()
  expect(codeOf(() => revokeKey(own.folder('NOR'), thief, word))).toBe('ROOT_NOT_OURS')
  expect(fileOf('NOR').certificates).toEqual(
    succeeded(
      next,
      root('NOR'),
      own.roster.nations.find((file) => file.nation === 'NOR'),
    ).certificates,
  )
  expect(fileOf('NOR').root).toBe(keyOf(next))
})
