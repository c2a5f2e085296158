import { rmSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import {
  certifyPerson,
  type Ed25519Signer,
  installSuccession,
  loadNodeFolder,
  openNode,
  type RunningNode,
  revokeKey,
  signRoster,
  verifyEd25519,
} from '@entente/node'
import { type Nation, type NationFile, openRevocation, openRoster, rootsIn } from '@entente/schema'
import { expect, test } from 'vitest'
import { auditOf } from '../support/audit-bundles.ts'
import { createFederation, eventually } from '../support/federation.ts'
import { createMemoryLines } from '../support/memory-federation.ts'
import { atMs, codeOf, edition, keyOf, rootsOf } from './roots.ts'

test('partners take a new root in band once every root has signed, and the words are not said again', async () => {
  await using own = createFederation(['GBR', 'NOR'])
  const { fileOf, install, nationPath, newRoot, root, succeeded } = rootsOf(own)
  const lines = createMemoryLines(own)
  const reopened: string[] = []
  const start = (nation: Nation): Promise<RunningNode> =>
    openNode({
      folder: own.folder(nation),
      network: true,
      ...lines.options(nation),
      onReopen: () => reopened.push(nation),
    })
  const next = newRoot()
  const roots = (nation: Nation) => {
    const roster = loadNodeFolder(own.folder(nation)).roster
    return roster === null ? [] : rootsIn(roster.members.get('NOR') as never)
  }
  {
    const gbr = await start('GBR')
    await using nor = await start('NOR')
    const old = fileOf('NOR')
    // A word of the old root before the new one is in force.
    const officer = succeeded(next)
    const lacking = { ...officer, certificates: officer.certificates.slice(1) }
    expect(codeOf(() => installSuccession(own.folder('NOR'), lacking))).toBe('ROSTER_NO_NODE')
    const fewer = { ...officer, certificates: officer.certificates.slice(0, -1) }
    expect(codeOf(() => installSuccession(own.folder('NOR'), fewer))).toBe('ROOT_ANSWER_DIFFERS')
    const { successions: _, ...bare } = officer
    expect(codeOf(() => installSuccession(own.folder('NOR'), bare))).toBe('ROOT_NOT_OURS')
    expect(codeOf(() => installSuccession(own.folder('GBR'), officer))).toBe('ROOT_NOT_OURS')
    expect(fileOf('NOR')).toEqual(old)
    installSuccession(own.folder('NOR'), officer)
    installSuccession(own.folder('NOR'), officer)
    expect(fileOf('NOR').root).toBe(keyOf(next))
    // Meanwhile the old one takes back, and is believed; the new one is nobody to partners yet.
    const { seal } = revokeKey(own.folder('NOR'), root('NOR'), {
      lastGood: 0,
      reason: 'test',
      atMs,
    })
    expect(
      openRevocation(openRoster(own.roster, verifyEd25519).members, seal, verifyEd25519),
    ).toBeDefined()
    writeFileSync(nationPath('NOR'), JSON.stringify(officer))
    rmSync(join(own.folder('NOR'), 'revocations.json'))

    const draft = edition(2, [fileOf('GBR'), fileOf('NOR')], [next])
    await nor.rosterSigned({ roster: draft })
    const proposal = await eventually(
      'GBR hears of it',
      async () => (await gbr.rosterProposals())[0],
      10_000,
    )
    expect(roots('GBR')).toEqual([keyOf(root('NOR'))])
    await gbr.rosterSigned({ roster: signRoster(proposal.draft, root('GBR')) })
    await gbr[Symbol.asyncDispose]()
    await using _again = await start('GBR')
    await eventually('NOR takes it', () => reopened.includes('NOR'), 10_000)
    for (const nation of ['GBR', 'NOR'] as const)
      expect(roots(nation), nation).toEqual([keyOf(root('NOR')), keyOf(next)])
    expect(reopened.sort()).toEqual(['GBR', 'NOR'])
  }
  // A node that was not given the file goes by the roster in force; the next certificate is the new root's.
  writeFileSync(
    nationPath('NOR'),
    JSON.stringify(own.roster.nations.find(({ nation }) => nation === 'NOR')),
  )
  const person = { role: 'release-officer', name: 'Officer 2' } as const
  const certified = (by: Ed25519Signer, name: string) =>
    codeOf(() => certifyPerson(own.folder('NOR'), by, { ...person, keyPath: join(own.root, name) }))
  expect(certified(root('NOR'), 'o1.pem')).toBe('ROOT_NOT_OURS')
  expect(certified(next, 'o2.pem')).toBe(null)
  expect(fileOf('NOR')).toMatchObject({ root: keyOf(next), successions: [expect.anything()] })
  // In memory two nodes find each other where they start together.
  const [gbr, nor] = await Promise.all([start('GBR'), start('NOR')])
  await using _gbr = gbr
  await using _nor = nor
  const { root: shown, state } = await gbr.partnerShow({ nation: 'NOR' })
  expect([shown, state]).toEqual([keyOf(next), 'paired'])
  // An auditor with the roster from before, who trusts the old root alone.
  const directories = await Promise.all(
    [gbr, nor].map(async (node) => {
      await eventually('its log is published', async () => {
        const { log, state } = await node.status()
        return state === 'serving' && log.size > 0 && log.published === log.size
      })
      const directory = join(own.root, `bundle-${node.nation}`)
      await node.auditExport({ directory, withContent: true })
      return directory
    }),
  )
  const { findings, remarks } = auditOf(own, directories)
  expect(findings).toEqual([])
  expect(remarks.join()).toContain(
    `NOR: root ${keyOf(root('NOR'))} gave its place to ${keyOf(next)}`,
  )
  // The old root is no more what NOR signs with: no edition goes back, and none forgets what was said.
  const again = { ...fileOf('NOR') }
  const { successions: _s, revocations: _r, ...forgets } = again
  const backTo = { ...own.roster.nations.find(({ nation }) => nation === 'NOR') } as NationFile
  expect(
    codeOf(() => install('GBR', edition(3, [fileOf('GBR'), backTo], [root('GBR'), root('NOR')]))),
  ).toBe('ROOT_SUCCEEDED')
  expect(() => install('GBR', edition(3, [fileOf('GBR'), forgets], [root('GBR'), next]))).toThrow(
    'have said of their successors',
  )
  // The thief names another successor: shown, and taken by nobody, whoever signs.
  const thief = newRoot()
  const other = succeeded(thief, root('NOR'), backTo)
  const fork = edition(3, [fileOf('GBR'), other], [root('GBR'), thief])
  expect(codeOf(() => install('GBR', fork))).toBe('ROOT_TWICE')
  await expect(gbr.rosterSigned({ roster: fork })).rejects.toMatchObject({ code: 'ROOT_TWICE' })
  expect((await gbr.status()).pairing.join()).toContain(
    `root ${keyOf(root('NOR'))} of NOR has named two successors`,
  )
  expect((await gbr.status()).pairing[0], 'no alarm for what stands').toContain(
    `${keyOf(next)} is in force, every root has signed for it, and it stays`,
  )
  expect(roots('GBR')).toEqual([keyOf(root('NOR')), keyOf(next)])
})

test('of two successors that are both only proposed, neither comes into force', async () => {
  await using own = createFederation(['GBR', 'NOR'])
  const { fileOf, newRoot, root, succeeded } = rootsOf(own)
  const [one, other] = [newRoot(), newRoot()]
  await using gbr = await openNode({ folder: own.folder('GBR'), network: false })
  const of = (next: Ed25519Signer, number: number) =>
    edition(number, [fileOf('GBR'), succeeded(next)], [next])
  await gbr.rosterSigned({ roster: of(one, 2) })
  await expect(gbr.rosterSigned({ roster: of(other, 3) })).rejects.toMatchObject({
    code: 'ROOT_TWICE',
  })
  const complete = signRoster(of(one, 2), root('GBR'))
  await expect(gbr.rosterSigned({ roster: complete })).rejects.toMatchObject({ code: 'ROOT_TWICE' })
  expect((await gbr.status()).pairing[0]).toContain('has named two successors')
  expect((await gbr.status()).pairing[0]).toContain('Neither is taken from here on')
})
