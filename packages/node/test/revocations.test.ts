import { generateKeyPairSync } from 'node:crypto'
import { existsSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { type Member, type Revocation, revocationType, signJws } from '@entente/schema'
import { afterAll, expect, test } from 'vitest'
import { createEd25519Signer, verifyEd25519 } from '../src/adapters/ed25519.ts'
import { peerIdOf } from '../src/adapters/libp2p-peer.ts'
import type { Deps } from '../src/deps.ts'
import { decodeKeys, encodeKeys } from '../src/keys/frames.ts'
import { noteHeard, readHeard } from '../src/keys/heard-file.ts'
import { createRevocations } from '../src/keys/revocations.ts'
import { listedPeers } from '../src/pairing/pairing.ts'
import { siblingsOf } from '../src/partners.ts'

const base = mkdtempSync(join(tmpdir(), 'entente-revocations-'))
afterAll(() => rmSync(base, { recursive: true }))
const newPeer = () =>
  peerIdOf(createEd25519Signer(generateKeyPairSync('ed25519').privateKey).publicKey)
const roots = ['GBR', 'USA'].map((nation) => ({
  nation,
  ...createEd25519Signer(generateKeyPairSync('ed25519').privateKey),
}))
const keyOf = (n: number) => Buffer.alloc(32, n).toString('base64url')
const officeLog = 'usa.entente.example/office/release-log/1'
/** Names that a transport can read. */
const peers = { office: newPeer(), laptop: newPeer() }
const originOf = (nation: string) => `${nation.toLowerCase()}.entente.example/release-log/1`

/** Nations with a main node (key 1), an office with a log (key 2) and a laptop (key 3). */
function fresh(name: string) {
  const members = new Map(
    roots.map(({ nation, publicKey }) => {
      const peerId = `${nation} peer`
      const node = { role: 'node', peerId, key: keyOf(1), origin: originOf(nation), endpoints: [] }
      const roles = ['releaser']
      const office = {
        ...node,
        roles,
        peerId: peers.office,
        key: keyOf(2),
        origin: officeLog,
      }
      const laptop = { role: 'drafting-node', peerId: peers.laptop, key: keyOf(3), endpoints: [] }
      const member = {
        ...{ nation, root: publicKey, node, nodes: [node, office] },
        ...{ further: [office], drafting: [laptop], revocations: [], keyChanges: [] },
      }
      return [nation, member as unknown as Member] as const
    }),
  )
  const path = join(base, `${name}.json`)
  const refused: unknown[] = []
  const journal = { refused: (each: unknown) => refused.push(each), fault: expect.fail }
  const deps = { roster: { members }, journal, verify: verifyEd25519 } as unknown as Deps
  return { members, path, refused, known: createRevocations(deps, path), deps }
}
const seal = (nation: string, change: Partial<Revocation> = {}) => {
  const origin = originOf(nation)
  const said = { nation, origin, key: keyOf(1), lastGood: null, at: 1, reason: 'stolen', ...change }
  const root = roots[nation === 'GBR' ? 0 : 1] as (typeof roots)[number]
  return signJws(revocationType, said, root.sign)
}

test('a nation that revokes one key ever again fills nothing, and wipes out nothing of others', () => {
  const { known, path, members, deps } = fresh('flood')
  const british = seal('GBR')
  known.take([british], null)
  const flood = Array.from({ length: 60 }, (_, i) => seal('USA', { lastGood: 100 - i }))
  expect(known.take(flood, 'USA')).toHaveLength(60)
  expect(known.seals()).toEqual([british, flood.at(-1)])
  expect(readHeard(path)).toEqual([british, flood.at(-1)])
  expect(members.get('USA')?.revocations).toMatchObject([{ lastGood: 41 }])
  expect(members.get('USA')?.keyChanges).toMatchObject([{ seal: flood.at(-1) }])
  // What takes back less than is known changes nothing, in the file neither.
  expect(known.take(flood, 'USA')).toEqual([])
  noteHeard(path, flood)
  expect(readHeard(path)).toEqual([british, flood.at(-1)])
  // What a process heard the next one tells.
  expect(createRevocations(deps, path).seals()).toEqual(known.seals())
})

test('what is told is never more than the other side reads', () => {
  const long = Array.from({ length: 3_000 }, (_, i) => `${i} ${'€'.repeat(600)}`)
  const told = decodeKeys(encodeKeys(long, long)).seals
  expect(told.length).toBeGreaterThan(2_000)
  expect(told).toEqual(long.slice(-told.length))
})

test.each(['{', '{}', '[1]', ''])(
  'a file that says %j is refused, and never overwritten',
  (text) => {
    const path = join(base, 'broken.json')
    writeFileSync(path, text)
    expect(() => readHeard(path)).toThrow(path)
    expect(() => noteHeard(path, [seal('USA')])).toThrow(
      expect.objectContaining({ code: 'REVOCATIONS_UNREADABLE' }),
    )
    expect(readFileSync(path, 'utf8')).toBe(text)
    expect(existsSync(`${path}.new`)).toBe(false)
  },
)

test('a stolen laptop and a lost office are taken off the list of peers, beside the roster', () => {
  const { known, members, deps, path } = fresh('laptop')
  const member = members.get('USA') as Member
  const siblings = siblingsOf(member, member.node.peerId)
  const context = { partners: new Map(), further: [], siblings, self: { member } }
  const listed = () => listedPeers(context as never, [], []).map(({ peerId }) => peerId)
  expect(listed()).toEqual([peers.office, peers.laptop])
  const laptop = seal('USA', { key: keyOf(3) })
  expect(known.take([laptop], null)).toHaveLength(1)
  expect(listed()).toEqual([peers.office])
  expect(member.drafting).toEqual([])
  // Of the laptop no log has anything to say; it is told all the same, also by the next process.
  expect(member.keyChanges).toEqual([])
  expect(known.take([seal('USA', { key: keyOf(3), at: 2 })], null)).toEqual([])
  expect(createRevocations(deps, path).seals()).toEqual([laptop])
  const office = seal('USA', { key: keyOf(2), origin: officeLog })
  expect(known.take([office], null)).toHaveLength(1)
  expect([listed(), member.further]).toEqual([[], []])
  expect(known.seals()).toEqual([laptop, office])
})
