import { existsSync, readFileSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import {
  buildRoster,
  initRoot,
  installRoster,
  installSuccession,
  loadNodeFolder,
  loadOwn,
  openNode,
  type RunningNode,
  readSigner,
  revokeKey,
  selfOf,
  signRoster,
  succeedRoot,
  verifyEd25519,
} from '@entente/node'
import { partnersOf } from '@entente/node/testing'
import {
  certificateType,
  type Nation,
  type NationFile,
  openMember,
  openRevocation,
  openRoster,
  openSuccession,
  type RosterFile,
  revocationType,
  rootsIn,
  sealSuccession,
  signJws,
  toBase64url,
} from '@entente/schema'
import { afterAll, beforeAll, expect, test } from 'vitest'
import { createFederation, eventually, type Federation } from '../support/federation.ts'
import { createMemoryLines } from '../support/memory-federation.ts'

// NOR gives its root to another key. A thief has a copy of the old one.
let federation: Federation
const atMs = Date.UTC(2026, 8, 1)
const nationPath = (nation: Nation) => join(federation.folder(nation), `${nation}.nation.json`)
const read = <T>(path: string) => JSON.parse(readFileSync(path, 'utf8')) as T
const fileOf = (nation: Nation) => read<NationFile>(nationPath(nation))
const root = (nation: Nation) => readSigner(federation.rootKey(nation))
const keyOf = (signer: { publicKey: Uint8Array }) => toBase64url(signer.publicKey)
let made = 0
const newRoot = (nation: Nation = 'NOR') => {
  const keysDir = join(federation.root, `new-${made++}`)
  return readSigner(initRoot({ nation, keysDir, passphrase: null }).rootKeyPath)
}
const succeeded = (to: ReturnType<typeof newRoot>, reason = 'ten years old', from = root('NOR')) =>
  succeedRoot(fileOf('NOR'), from, to, { atMs, reason }).file
type Signer = ReturnType<typeof newRoot>
const edition = (number: number, files: readonly NationFile[], roots: readonly Signer[]) =>
  roots.reduce(
    (roster, by) => signRoster(roster, by),
    buildRoster(files, { number }, verifyEd25519) as RosterFile,
  )
const install = (nation: Nation, roster: RosterFile) => {
  const own = loadOwn(federation.folder(nation))
  return installRoster(own.rosterPath, roster, selfOf(own))
}
const codeOf = (work: () => unknown): string | null => {
  try {
    work()
    return null
  } catch (error) {
    return (error as { code?: string }).code ?? String(error)
  }
}

beforeAll(() => {
  federation = createFederation(['GBR', 'NOR'])
})
afterAll(() => federation[Symbol.asyncDispose]())

test('a succession is of two roots, unbroken, and by the present root alone', () => {
  const [next, thief] = [newRoot(), newRoot()]
  const file = succeeded(next)
  expect(rootsIn(openMember(file, verifyEd25519))).toEqual([keyOf(root('NOR')), keyOf(next)])
  expect(
    codeOf(() => succeeded(next, 'again', next)),
    'not the present root',
  ).toBe('ROOT_NOT_OURS')
  expect(
    codeOf(() => succeeded(root('NOR'))),
    'itself',
  ).toBe('KEY_EXISTS')
  const [word] = (file.successions ?? []).map((signed) => openSuccession(signed, verifyEd25519))
  if (word === undefined) throw new Error('no word')
  const lie = (change: object, old = root('NOR'), by = next) =>
    codeOf(() => {
      const signed = sealSuccession({ ...word, ...change }, old.sign, by.sign)
      openMember({ ...file, successions: [signed] }, verifyEd25519)
    })
  expect(lie({})).toBe(null)
  expect(lie({}, thief), 'the old root has not signed').toBe('ROSTER_SUCCESSION')
  expect(lie({}, root('NOR'), thief), 'the new root has not signed').toBe('ROSTER_SUCCESSION')
  expect(lie({ nation: 'GBR' }), 'another nation').toBe('ROSTER_SUCCESSION')
  expect(lie({ to: keyOf(thief) }, root('NOR'), thief), 'another end').toBe('ROSTER_SUCCESSION')
  const [signed] = file.successions ?? []
  const other = sealSuccession({ ...word, reason: 'another' }, root('NOR').sign, next.sign)
  const mixed = { old: signed?.old ?? '', new: other.new }
  const twoSentences = { ...file, successions: [mixed] }
  expect(codeOf(() => openMember(twoSentences, verifyEd25519))).toBe('ROSTER_SUCCESSION')
  const { successions: _, ...bare } = file
  expect(rootsIn(openMember(bare, verifyEd25519)), 'nothing said').toEqual([keyOf(next)])
  // Back to the first one: a ring has no end.
  const back = sealSuccession(
    { ...word, from: keyOf(next), to: keyOf(root('NOR')) },
    next.sign,
    root('NOR').sign,
  )
  const ring = { ...fileOf('NOR'), successions: [...(file.successions ?? []), back] }
  expect(codeOf(() => openMember(ring, verifyEd25519))).toBe('ROSTER_SUCCESSION')
})

test('the old root certifies nothing more, and what it has taken back stays so', () => {
  const next = newRoot()
  const file = succeeded(next)
  const [mine] = file.certificates
  const stolen = { ...openMember(file, verifyEd25519).node, serial: 99, name: 'the thief’s' }
  const byOld = signJws(certificateType, stolen, root('NOR').sign)
  const lie = { ...file, certificates: [...file.certificates, byOld] }
  expect(mine).toBeDefined()
  expect(codeOf(() => openMember(lie, verifyEd25519))).toBe('ROSTER_CERTIFICATE')
  const { origin, key } = openMember(file, verifyEd25519).node
  const revocation = { nation: 'NOR', origin, key, lastGood: 1, at: atMs, reason: 'stolen' }
  const members = new Map([['NOR', openMember(file, verifyEd25519)]])
  const heard = (by: Signer) =>
    codeOf(() =>
      openRevocation(members, signJws(revocationType, revocation, by.sign), verifyEd25519),
    )
  expect(heard(root('NOR'))).toBe(null)
  expect(heard(next)).toBe(null)
  expect(heard(root('GBR'))).toBe('REVOCATION_SIGNATURE')
  expect(heard(newRoot())).toBe('REVOCATION_SIGNATURE')
  // Who was cut off under the old root is cut off under the new one.
  const roster = openRoster(edition(2, [fileOf('GBR'), file], [root('GBR'), next]), verifyEd25519)
  const cut = [{ nation: 'NOR', root: keyOf(root('NOR')) }]
  expect([...partnersOf(roster, 'GBR', cut).keys()]).toEqual([])
  expect([...partnersOf(roster, 'GBR').keys()]).toEqual(['NOR'])
})

test('partners take a new root in band once every root has signed, and the words are not said again', async () => {
  await using own = createFederation(['GBR', 'NOR'])
  const before = federation
  federation = own
  try {
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
    await using gbr = await start('GBR')
    const { root: shown, state } = await gbr.partnerShow({ nation: 'NOR' })
    expect([shown, state]).toEqual([keyOf(next), 'paired'])
    // The old root is no more what NOR signs with: no edition goes back, and none forgets what was said.
    const again = { ...read<NationFile>(nationPath('NOR')) }
    const { successions: _, ...forgets } = again
    const backTo = { ...own.roster.nations.find(({ nation }) => nation === 'NOR') } as NationFile
    expect(
      codeOf(() => install('GBR', edition(3, [fileOf('GBR'), backTo], [root('GBR'), root('NOR')]))),
    ).toBe('ROOT_SUCCEEDED')
    expect(
      codeOf(() => install('GBR', edition(3, [fileOf('GBR'), forgets], [root('GBR'), next]))),
    ).toBe('ROSTER_FORGETS')
    // The thief names another successor: shown, and taken by nobody, whoever signs.
    const thief = newRoot()
    const other = succeedRoot(backTo, root('NOR'), thief, { atMs, reason: 'the thief’s' }).file
    const fork = edition(3, [fileOf('GBR'), other], [root('GBR'), thief])
    expect(codeOf(() => install('GBR', fork))).toBe('ROOT_TWICE')
    await expect(gbr.rosterSigned({ roster: fork })).rejects.toMatchObject({ code: 'ROOT_TWICE' })
    expect((await gbr.status()).pairing.join()).toContain(
      `root ${keyOf(root('NOR'))} of NOR has named two successors`,
    )
    expect(roots('GBR')).toEqual([keyOf(root('NOR')), keyOf(next)])
  } finally {
    federation = before
  }
})

test('of two successors that are both only proposed, neither comes into force', async () => {
  const [one, other] = [newRoot(), newRoot()]
  await using gbr = await openNode({ folder: federation.folder('GBR'), network: false })
  const of = (next: Signer, number: number) =>
    edition(number, [fileOf('GBR'), succeeded(next)], [next])
  await gbr.rosterSigned({ roster: of(one, 2) })
  await expect(gbr.rosterSigned({ roster: of(other, 3) })).rejects.toMatchObject({
    code: 'ROOT_TWICE',
  })
  const complete = signRoster(of(one, 2), root('GBR'))
  await expect(gbr.rosterSigned({ roster: complete })).rejects.toMatchObject({ code: 'ROOT_TWICE' })
  expect((await gbr.status()).pairing[0]).toContain('has named two successors')
  expect(existsSync(nationPath('GBR'))).toBe(true)
})
