import { writeFileSync } from 'node:fs'
import {
  answerRequest,
  askRoot,
  type Ed25519Signer,
  formatAnswer,
  installAnswer,
  installSuccession,
  loadOwn,
  revokeKey,
  verifyEd25519,
} from '@entente/node'
import { installByHand } from '@entente/node/by-hand'
import { migrations, noteSuccessions, openDatabase, tables } from '@entente/node/testing'
import { type Nation, openRevocation, openRoster, type RosterFile } from '@entente/schema'
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

test('by hand as in band: no second successor, no root that nobody has named, and none of our own but ours', async () => {
  await using own = createFederation(['GBR', 'NOR'])
  const { fileOf, newRoot, root, succeeded } = rootsOf(own)
  const [next, thief, fresh] = [newRoot(), newRoot(), newRoot()]
  const install = (nation: Nation, roster: RosterFile, ...allowed: Nation[]) =>
    codeOf(() => installByHand(own.folder(nation), roster, new Set(allowed)))
  // Its certificates are signed again, and no root has named it.
  const anew = (number: number): RosterFile => {
    const { successions: _, ...file } = succeeded(fresh)
    return edition(number, [fileOf('GBR'), file], [root('GBR'), fresh])
  }
  expect(install('GBR', anew(2))).toBe('ROOT_CHANGED')
  expect(install('GBR', anew(2), 'GBR')).toBe('ROOT_CHANGED')
  expect(install('NOR', anew(2), 'NOR'), 'not even so').toBe('ROOT_NOT_OURS')
  // What this node has heard counts, wherever the roster comes from.
  {
    using db = openDatabase(loadOwn(own.folder('GBR')).databasePath, tables, migrations)
    const known = new Map([['NOR', [keyOf(root('NOR'))]]])
    noteSuccessions(db, [succeeded(next)], known, verifyEd25519, atMs)
  }
  const stolen = edition(2, [fileOf('GBR'), succeeded(thief)], [root('GBR'), thief])
  expect(install('GBR', stolen)).toBe('ROOT_TWICE')
  expect(install('GBR', stolen, 'NOR'), 'not even so').toBe('ROOT_TWICE')
  expect(install('NOR', stolen)).toBe('ROOT_NOT_OURS')
  // Its people have compared the key by telephone.
  expect(install('GBR', anew(2), 'NOR')).toBe(null)
})

test('until a roster with the new root is in force, the old one alone takes back, here or on another computer', async () => {
  await using own = createFederation(['GBR', 'NOR'])
  const { newRoot, root, succeeded } = rootsOf(own)
  const [next, old] = [newRoot(), root('NOR')]
  const folder = own.folder('NOR')
  const heard = (seal: string) =>
    codeOf(() => openRevocation(openRoster(own.roster, verifyEd25519).members, seal, verifyEd25519))
  installSuccession(folder, succeeded(next))
  expect(() => revokeKey(folder, next, word)).toThrow(`they believe ${keyOf(old)} alone`)
  const { request } = askRoot(folder, (by) => revokeKey(folder, by, word), {
    atMs,
    takesBack: true,
  })
  const answered = (by: Ed25519Signer) => formatAnswer(answerRequest(request, by))
  expect(codeOf(() => installAnswer(folder, answered(next)))).toBe('ROOT_NOT_OURS')
  const { revocations } = installAnswer(folder, answered(old))
  expect(revocations.map(heard)).toEqual([null])
})
