import { existsSync, mkdtempSync, readFileSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import {
  buildRoster,
  initNode,
  installRoster,
  loadNodeFolder,
  loadOwn,
  readSigner,
  rotateIdentity,
  rotateKey,
  selfOf,
  signRoster,
  verifyEd25519,
} from '@entente/node'
import {
  certificateType,
  type NationFile,
  type NodeCertificate,
  openRoster,
  peekJws,
  signJws,
} from '@entente/schema'
import { afterAll, expect, test } from 'vitest'

const base = mkdtempSync(join(tmpdir(), 'entente-succession-'))
afterAll(() => rmSync(base, { recursive: true }))

const made = initNode({
  folder: join(base, 'node'),
  keysDir: join(base, 'keys'),
  nation: 'NOR',
  organisation: 'Exercise',
  listen: '127.0.0.1:0',
})
const { folder } = made
const root = readSigner(made.rootKeyPath)
const file = () => JSON.parse(readFileSync(made.nationFilePath, 'utf8')) as NationFile
const newest = () => peekJws(file().certificates.at(-1) ?? '').payload as unknown as NodeCertificate
let number = 1
const rosterOf = (nation: NationFile) =>
  signRoster(buildRoster([nation], { number: number++ }, verifyEd25519), root)
const install = (nation: NationFile = file()) => {
  const roster = rosterOf(nation)
  const own = loadOwn(folder)
  installRoster(own.rosterPath, roster, selfOf(own))
}
/** The root signs another certificate in place of the newest one. */
const forged = (certificate: NodeCertificate): NationFile => ({
  ...file(),
  certificates: [
    ...file().certificates.slice(0, -1),
    signJws(certificateType, certificate, root.sign),
  ],
})

test('old and new statement key sign the certificate of the new one, and a roster in which they do not is refused', () => {
  install()
  rotateKey(folder, root, { from: 5 })
  const certificate = newest()
  expect(certificate.succession).toHaveLength(2)
  const [first, second] = certificate.succession ?? []
  if (first === undefined || second === undefined) throw new Error('no succession')
  // Of 256 signatures one ends as it should not.
  const end = second.jws.endsWith('AA') ? 'BA' : 'AA'
  const lies: [lie: NodeCertificate['succession'], words: string][] = [
    [[second, first], 'the keys that it changes'],
    [[first, first], 'the keys that it changes'],
    [[first, { ...second, jws: first.jws }], 'does not verify'],
    [[first, { ...second, jws: `${second.jws.slice(0, -2)}${end}` }], 'does not verify'],
  ]
  for (const [succession, words] of lies)
    expect(() => install(forged({ ...certificate, succession }))).toThrow(words)
  // It is of this certificate alone: not of another leaf, nor of another key.
  for (const change of [{ from: 6 }, { name: 'another' }, { encryptionKey: certificate.key }])
    expect(() => install(forged({ ...certificate, ...change }))).toThrow('does not verify')
  const { certificates } = file()
  const alone = signJws(certificateType, { ...certificate, from: 0, serial: 1 }, root.sign)
  expect(() => install({ ...file(), certificates: [alone, ...certificates.slice(1, 3)] })).toThrow(
    'follows no certificate',
  )
  install()
})

test('a lost key signs nothing: the root’s word alone counts', () => {
  const { succession: _, ...alone } = newest()
  const { members } = openRoster(rosterOf(forged(alone)), verifyEd25519)
  expect(members.get('NOR')?.node).toEqual(alone)
})

test('the network identity is renewed: the node takes it with the roster that names it', () => {
  const before = loadNodeFolder(folder)
  const { peerId } = rotateIdentity(folder, root)
  expect(rotateIdentity(folder, root).peerId).toBe(peerId)
  expect(newest()).toMatchObject({ peerId, succession: [{}, {}] })
  expect(() => install(forged({ ...newest(), peerId: before.peerId }))).toThrow(
    'the keys that it changes',
  )
  expect(loadNodeFolder(folder).peerId).toBe(before.peerId)
  install()
  const after = loadNodeFolder(folder)
  expect(after.peerId).toBe(peerId)
  expect(after.keys.identitySeed).not.toEqual(before.keys.identitySeed)
  expect(existsSync(join(folder, 'keys', 'identity.next.pem'))).toBe(false)
  expect(loadNodeFolder(folder).peerId).toBe(peerId)
})
