import {
  chmodSync,
  mkdtempSync,
  readFileSync,
  rmSync,
  statSync,
  unlinkSync,
  writeFileSync,
} from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import {
  buildRoster,
  type InitResult,
  initNode,
  installRoster,
  loadNodeFolder,
  loadOwn,
  putBackRoster,
  quorumFor,
  readRosterJson,
  readSigner,
  selfOf,
  settleRoster,
  signRoster,
  unsignedBy,
  verifyEd25519,
} from '@entente/node'
import {
  certificateType,
  type NationFile,
  openRoster,
  peekJws,
  type RosterFile,
  signJws,
  toBase64url,
} from '@entente/schema'
import { formatVerifierKey } from '@entente/tlog'
import { afterAll, describe, expect, test } from 'vitest'

const base = mkdtempSync(join(tmpdir(), 'entente-setup-'))
afterAll(() => rmSync(base, { recursive: true }))
let count = 0
const fresh = (): string => join(base, `${++count}`)

function init(nation: string, dir = fresh(), change: Partial<Parameters<typeof initNode>[0]> = {}) {
  return initNode({
    folder: join(dir, 'node'),
    keysDir: join(dir, 'keys'),
    nation,
    organisation: `${nation} test`,
    listen: '127.0.0.1:4470',
    ...change,
  })
}

const nationFile = (made: InitResult): unknown =>
  JSON.parse(readFileSync(made.nationFilePath, 'utf8'))
const rootOf = (made: InitResult) => readSigner(made.rootKeyPath)
const codeOf = (work: () => unknown): unknown => {
  try {
    work()
  } catch (error) {
    return (error as { readonly code?: unknown }).code
  }
  return 'nothing thrown'
}

const gbr = init('GBR')
const nor = init('NOR')
const unsigned = buildRoster([nationFile(nor), nationFile(gbr)], { number: 1 }, verifyEd25519)
const signed = signRoster(signRoster(unsigned, rootOf(gbr)), rootOf(nor))
const install = (made: InitResult, roster: unknown) => {
  const own = loadOwn(made.folder)
  return installRoster(own.rosterPath, roster, selfOf(own))
}

describe('init', () => {
  test('keeps secrets from others: folders 0700, keys 0600', () => {
    const mode = (path: string) => statSync(path).mode & 0o777
    expect(mode(gbr.folder)).toBe(0o700)
    const own = ['statement', 'log', 'witness', 'identity', 'encryption'].map((k) => `${k}.pem`)
    for (const file of [...own, 'fragment.key'])
      expect(mode(join(gbr.folder, 'keys', file)), file).toBe(0o600)
    expect(mode(gbr.rootKeyPath)).toBe(0o600)
    expect(mode(gbr.authorityKeyPath)).toBe(0o600)
  })

  test('every key is another one', () => {
    const { keys } = loadNodeFolder(gbr.folder)
    const signers = [
      keys.statement,
      keys.log,
      keys.witness,
      rootOf(gbr),
      readSigner(gbr.authorityKeyPath),
    ]
    expect(new Set(signers.map((s) => toBase64url(s.publicKey))).size).toBe(5)
    const message = new Uint8Array([1, 2, 3])
    for (const { sign, publicKey } of signers)
      expect(verifyEd25519(publicKey, message, sign(message))).toBe(true)
  })

  test.each<[fact: string, make: () => unknown, code: string]>([
    ['a folder that is not empty', () => init('GBR', join(gbr.folder, '..')), 'FOLDER_NOT_EMPTY'],
    [
      'a key that exists',
      () => init('GBR', fresh(), { keysDir: join(gbr.rootKeyPath, '..') }),
      'KEY_EXISTS',
    ],
    ['an unknown nation', () => init('XXX'), 'NATION_UNKNOWN'],
    ['a port alone', () => init('GBR', fresh(), { listen: '4470' }), 'ADDRESS_FORM'],
    [
      'a port beyond 65535',
      () => init('GBR', fresh(), { listen: '127.0.0.1:70000' }),
      'ADDRESS_FORM',
    ],
    [
      'a host name to listen on',
      () => init('GBR', fresh(), { listen: 'node.example:1' }),
      'ADDRESS_FORM',
    ],
  ])('refuses %s', (_, make, code) => {
    expect(codeOf(make)).toBe(code)
  })

  test.each([
    ['127.0.0.1:4470', '/ip4/127.0.0.1/tcp/4470', ['/ip4/127.0.0.1/tcp/4470']],
    ['[::1]:4470', '/ip6/::1/tcp/4470', ['/ip6/::1/tcp/4470']],
    ['0.0.0.0:4470', '/ip4/0.0.0.0/tcp/4470', []],
    ['127.0.0.1:0', '/ip4/127.0.0.1/tcp/0', []],
  ])('listens on %s', (listen, multiaddr, endpoints) => {
    expect(loadNodeFolder(init('CAN', fresh(), { listen }).folder).config).toMatchObject({
      listen: [multiaddr],
      endpoints,
    })
  })
})

describe('a node folder', () => {
  const spoil = (change: (folder: string) => void): unknown => {
    const { folder } = init('USA')
    change(folder)
    return codeOf(() => loadNodeFolder(folder))
  }
  test.each<[fact: string, change: (folder: string) => void, code: string]>([
    ['its config is missing', (f) => unlinkSync(join(f, 'config.json')), 'CONFIG_MISSING'],
    ['its config is no JSON', (f) => writeFileSync(join(f, 'config.json'), '{'), 'CONFIG_FORM'],
    [
      'its config says more',
      (f) => writeFileSync(join(f, 'config.json'), '{"a":1}'),
      'CONFIG_FORM',
    ],
    ['a key is missing', (f) => unlinkSync(join(f, 'keys/log.pem')), 'KEY_MISSING'],
    ['others can read a key', (f) => chmodSync(join(f, 'keys/log.pem'), 0o644), 'KEY_EXPOSED'],
    ['a key is no key', (f) => writeFileSync(join(f, 'keys/log.pem'), 'no'), 'KEY_FORM'],
    [
      'the fragment key is short',
      (f) => writeFileSync(join(f, 'keys/fragment.key'), 'AAAA\n'),
      'KEY_FORM',
    ],
    [
      'its roster is no JSON',
      (f) => writeFileSync(join(f, 'roster.json'), '{'),
      'ROSTER_UNREADABLE',
    ],
  ])('is refused when %s', (_, change, code) => {
    expect(spoil(change)).toBe(code)
  })

  test('is refused when a key is of another type', () => {
    const { folder } = init('USA')
    const x25519 = readFileSync(join(folder, 'keys/encryption.pem'))
    writeFileSync(join(folder, 'keys/log.pem'), x25519)
    expect(codeOf(() => loadNodeFolder(folder))).toBe('KEY_FORM')
  })

  test('has no roster until one is installed, then the one that all roots signed', () => {
    const made = init('AUS')
    expect(loadNodeFolder(made.folder).roster).toBeNull()
    const roster = signRoster(
      buildRoster([nationFile(made)], { number: 1 }, verifyEd25519),
      rootOf(made),
    )
    install(made, roster)
    const node = loadNodeFolder(made.folder)
    expect(node.roster?.members.get('AUS')?.node).toMatchObject({
      peerId: node.peerId,
      origin: made.origin,
    })
  })
})

describe('a roster', () => {
  test('is trusted once every root has signed', () => {
    expect(unsignedBy(unsigned)).toEqual(['GBR', 'NOR'])
    const { members, witnessPolicy } = openRoster(signed, verifyEd25519)
    expect([...members.keys()]).toEqual(['GBR', 'NOR'])
    expect(witnessPolicy).toMatchObject({ number: 1, quorum: 1 })
  })

  const policy = signed.witnessPolicy
  const [byGbr = '', byNor = ''] = Object.values(signed.signatures)
  const [gbrFile, norFile] = signed.nations as [RosterFile['nations'][0], RosterFile['nations'][0]]
  test.each<[fact: string, roster: unknown, code: string]>([
    ['it is no roster', {}, 'ROSTER_FORM'],
    ['it says more', { ...signed, extra: 1 }, 'ROSTER_FORM'],
    [
      'a nation stands twice',
      { ...signed, nations: [gbrFile, gbrFile, norFile] },
      'ROSTER_DUPLICATE',
    ],
    ['nobody signed', unsigned, 'WITNESS_POLICY_UNSIGNED'],
    ['one has not signed', signRoster(unsigned, rootOf(gbr)), 'WITNESS_POLICY_UNSIGNED'],
    [
      'another number was signed',
      { ...signed, witnessPolicy: { ...policy, number: 2 } },
      'WITNESS_POLICY_SIGNATURE',
    ],
    [
      'the signatures are exchanged',
      { ...signed, signatures: { GBR: byNor, NOR: byGbr } },
      'WITNESS_POLICY_SIGNATURE',
    ],
    [
      'a certificate is another root’s',
      { ...signed, nations: [{ ...gbrFile, root: norFile.root }, norFile] },
      'ROSTER_CERTIFICATE',
    ],
    [
      'a node is not certified',
      {
        ...signed,
        nations: [{ ...gbrFile, certificates: gbrFile.certificates.slice(1) }, norFile],
      },
      'ROSTER_NO_NODE',
    ],
    [
      'this nation is absent',
      signRoster(buildRoster([norFile], { number: 1 }, verifyEd25519), rootOf(nor)),
      'ROSTER_NOT_OURS',
    ],
  ])('is not installed when %s', (_, roster, code) => {
    expect(codeOf(() => install(gbr, roster))).toBe(code)
  })

  test.each([
    ['a log key that is none', { logKey: 'rubbish' }],
    ['a log key of another log', { origin: 'else.example/release-log/1' }],
    ['a witness key that signs logs', { witnessKey: loadOwn(nor.folder).logSigner.key }],
    ['an endpoint that is no address', { endpoints: ['not an address'] }],
    ['a peer id that is none', { peerId: '12D3KooWLaptopLaptopLaptop' }],
  ])('is not installed when a nation certifies %s, though all have signed it', (_, change) => {
    const file = nationFile(nor) as NationFile
    const { sign } = rootOf(nor)
    const changed = Object.fromEntries(
      Object.entries(change).map(([field, value]) => [
        field,
        typeof value === 'object' && 'keyId' in value ? formatVerifierKey(value) : value,
      ]),
    )
    const certificates = file.certificates.map((jws) => {
      const payload = peekJws(jws).payload as { role: string }
      return payload.role === 'node'
        ? signJws(certificateType, { ...payload, ...changed }, sign)
        : jws
    })
    const built = buildRoster(
      [{ ...file, certificates }, nationFile(gbr)],
      { number: 1 },
      verifyEd25519,
    )
    const roster = signRoster(signRoster(built, rootOf(gbr)), rootOf(nor))
    openRoster(roster, verifyEd25519)
    expect(codeOf(() => install(gbr, roster))).toBe('ROSTER_KEYS')
  })

  test('is not installed when it certifies another node of this nation', () => {
    const twin = init('GBR')
    const theirs = signRoster(
      buildRoster([nationFile(twin)], { number: 1 }, verifyEd25519),
      rootOf(twin),
    )
    expect(codeOf(() => install(gbr, theirs))).toBe('ROSTER_NOT_OURS')
  })

  test('never goes back: an older or a changed roster of the same number is refused', () => {
    const made = init('CAN')
    const make = (number: number, exercise?: string) =>
      signRoster(
        buildRoster([nationFile(made)], { number, ...(exercise && { exercise }) }, verifyEd25519),
        rootOf(made),
      )
    install(made, make(2))
    install(made, make(2))
    expect(codeOf(() => install(made, make(1)))).toBe('ROSTER_OLD')
    expect(codeOf(() => install(made, make(2, 'other')))).toBe('ROSTER_OLD')
    install(made, make(3))
    expect(loadNodeFolder(made.folder).roster?.witnessPolicy.number).toBe(3)
  })

  test('the one before is put back when the node does not open with the new one, which does not return by itself', () => {
    const made = init('USA')
    const at = (number: number) =>
      signRoster(buildRoster([nationFile(made)], { number }, verifyEd25519), rootOf(made))
    const inForce = () => loadNodeFolder(made.folder).roster?.witnessPolicy.number ?? null
    expect(putBackRoster(made.folder)).toBe(false)

    install(made, at(1))
    expect(putBackRoster(made.folder)).toBe(true)
    expect(inForce()).toBe(null)
    expect(codeOf(() => install(made, at(1)))).toBe('ROSTER_REFUSED')
    expect(putBackRoster(made.folder)).toBe(false)

    install(made, at(2))
    settleRoster(made.folder)
    expect(putBackRoster(made.folder)).toBe(false)
    // The node was opened with the second; two came since.
    install(made, at(3))
    install(made, at(4))
    expect(putBackRoster(made.folder)).toBe(true)
    expect(inForce()).toBe(2)
    expect(codeOf(() => install(made, at(4)))).toBe('ROSTER_REFUSED')
    install(made, at(5))
    expect(inForce()).toBe(5)
  })

  test('a signer who is no root of it is refused', () => {
    expect(codeOf(() => signRoster(unsigned, readSigner(gbr.authorityKeyPath)))).toBe(
      'ROOT_NOT_IN_ROSTER',
    )
  })

  test('no byte of a certificate or signature can be changed', () => {
    const text = JSON.stringify(signed)
    const jws = [
      ...signed.nations.flatMap((n) => n.certificates),
      ...Object.values(signed.signatures),
    ]
    let tried = 0
    for (const sentence of jws) {
      const start = text.indexOf(sentence)
      for (let i = 0; i < sentence.length; i += 3) {
        const at = start + i
        const other = text[at] === 'A' ? 'B' : 'A'
        const changed = JSON.parse(text.slice(0, at) + other + text.slice(at + 1))
        expect(() => openRoster(changed, verifyEd25519), `byte ${i}`).toThrow()
        tried++
      }
    }
    expect(tried).toBeGreaterThan(1000)
  })

  test('the node reads the file it installed and nothing that was changed since', () => {
    install(gbr, signed)
    const path = loadOwn(gbr.folder).rosterPath
    expect(readRosterJson(path)).toEqual(signed)
    writeFileSync(path, readFileSync(path, 'utf8').replace('"quorum": 1', '"quorum": 2'))
    expect(codeOf(() => loadNodeFolder(gbr.folder))).toBe('WITNESS_POLICY_SIGNATURE')
  })

  test.each([
    [1, 1],
    [2, 1],
    [3, 1],
    [4, 2],
    [5, 3],
    [6, 4],
    [8, 5],
    [11, 7],
  ])('%i nations need %i cosignatures', (nations, quorum) => {
    expect(quorumFor(nations)).toBe(quorum)
  })
})

test('what is not a key or a signature does not verify, and throws nothing', () => {
  const { sign, publicKey } = rootOf(gbr)
  const message = new Uint8Array(8)
  const good = sign(message)
  expect(verifyEd25519(publicKey, message, good)).toBe(true)
  expect(verifyEd25519(publicKey.subarray(1), message, good)).toBe(false)
  expect(verifyEd25519(publicKey, message, good.subarray(1))).toBe(false)
  expect(verifyEd25519(new Uint8Array(32).fill(255), message, good)).toBe(false)
  expect(verifyEd25519(publicKey, new Uint8Array(9), good)).toBe(false)
})
