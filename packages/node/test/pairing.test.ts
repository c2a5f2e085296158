import { mkdtempSync, readFileSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import {
  initNode,
  loadNodeFolder,
  type NodeOptions,
  openNode,
  type RunningNode,
  readSigner,
  signRoster,
  verifyEd25519,
} from '@entente/node'
import {
  armour,
  type NationFile,
  openArmour,
  openInvitation,
  openReply,
  type RosterFile,
  sealInvitation,
} from '@entente/schema'
import { afterAll, beforeAll, expect, test } from 'vitest'
import { peerIdOfSeed } from '../src/adapters/libp2p-peer.ts'
import { createMemoryNetwork } from '../src/adapters/memory-transport.ts'
import { decodePairing, encodePairing, HelloFrame, pairingProtocol } from '../src/pairing/frames.ts'
import { until } from './transport.contract.ts'

const base = mkdtempSync(join(tmpdir(), 'entente-pairing-'))
let nowMs = Date.UTC(2026, 5, 1)
const week = 7 * 86_400_000
const nodes = new Map<string, RunningNode>()
const reopened: string[] = []

const folderOf = (name: string): string => join(base, name)
const at = (name: string): RunningNode => {
  const node = nodes.get(name)
  if (node === undefined) throw new Error(`no node ${name}`)
  return node
}
/** @param name folder; its first three letters are the nation */
async function start(name: string, options: Partial<NodeOptions> = {}): Promise<RunningNode> {
  await nodes.get(name)?.[Symbol.asyncDispose]()
  const clock = { nowMs: () => nowMs }
  const onReopen = () => reopened.push(name)
  const node = await openNode({
    folder: folderOf(name),
    network: false,
    clock,
    onReopen,
    ...options,
  })
  nodes.set(name, node)
  return node
}
const sign = (name: string, draft: RosterFile | null): string | null =>
  draft === null
    ? null
    : (signRoster(draft, readSigner(join(base, `${name}-keys`, `${name.slice(0, 3)}.root.pem`)))
        .signatures[name.slice(0, 3)] ?? null)

beforeAll(async () => {
  for (const name of ['GBR', 'NOR', 'CAN', 'NOR-else']) {
    const nation = name.slice(0, 3)
    initNode({
      folder: folderOf(name),
      keysDir: join(base, `${name}-keys`),
      nation,
      organisation: `Test ${nation}`,
      listen: '127.0.0.1:0',
      origin: `${name.toLowerCase()}.entente.example/release-log/1`,
    })
    await start(name)
  }
})
afterAll(async () => {
  for (const node of nodes.values()) await node[Symbol.asyncDispose]()
  rmSync(base, { recursive: true })
})

const invite = async (from: string, nation: string, forMs = week): Promise<string> =>
  (await at(from).partnerInvite({ nation, forMs })).text
const accept = async (name: string, text: string, compared = true) => {
  const { draft } = await at(name).pairingRead({ text })
  return at(name).partnerAccept({ text, signature: sign(name, draft), compared })
}

test('no character of an invitation or reply can be changed', async () => {
  const text = await invite('GBR', 'CAN')
  const { reply } = await accept('CAN', text)
  await at('CAN').partnerRevoke({ nation: 'GBR', reason: 'test' })
  const kinds = [
    [text, (changed: string) => openInvitation(changed, verifyEd25519)],
    [reply, (changed: string) => openReply(changed, verifyEd25519)],
  ] as const
  for (const [whole, open] of kinds) {
    open(whole)
    // Mail breaks lines and quotes nothing else.
    open(`Dear all,\r\n${whole.replaceAll('\n', '\r\n  ')}\nBest`)
    for (let i = 0; i < whole.length; i += i < 40 ? 1 : 13) {
      const was = whole[i] ?? ''
      if (/\s/.test(was)) continue
      const changed = whole.slice(0, i) + (was === 'A' ? 'B' : 'A') + whole.slice(i + 1)
      expect(() => open(changed), `character ${i}`).toThrow(
        expect.objectContaining({ code: expect.stringMatching(/_(FORM|DAMAGED|SIGNATURE)$/) }),
      )
    }
  }
})

test('both see the same six words, and others when somebody in the middle puts in a root of his own', async () => {
  const text = await invite('GBR', 'NOR')
  const honest = await at('NOR').pairingRead({ text })
  expect((await at('NOR').pairingRead({ text })).code).toBe(honest.code)
  // The man in the middle invites NOR himself under the name of GBR, with the nonce and times of the invitation he caught.
  const caught = openInvitation(text, verifyEd25519)
  const keysDir = join(base, 'middle-keys')
  initNode({
    folder: folderOf('middle'),
    keysDir,
    nation: 'GBR',
    organisation: 'Test GBR',
    listen: '127.0.0.1:0',
  })
  const nation = JSON.parse(
    readFileSync(join(folderOf('middle'), 'GBR.nation.json'), 'utf8'),
  ) as NationFile
  const key = readSigner(join(folderOf('middle'), 'keys/statement.pem'))
  const said = { ...caught.payload, key: Buffer.from(key.publicKey).toString('base64url') }
  const { nation: _nation, roster: _roster, ...rest } = said
  const forged = sealInvitation(rest, { nation, roster: null }, key.sign)
  const seen = await at('NOR').pairingRead({ text: forged })
  expect(seen.nation).toBe('GBR')
  expect(seen.code).not.toBe(honest.code)
  // With the nation file of the middle under the signature of the real one it is nothing at all.
  const parts = openArmour('INVITATION', text) as { readonly invitation: string }
  const swapped = armour('INVITATION', { ...parts, nation })
  await expect(at('NOR').pairingRead({ text: swapped })).rejects.toMatchObject({
    code: 'INVITATION_SIGNATURE',
  })

  const { reply, code } = await accept('NOR', text)
  const { offers } = await at('GBR').pairingReplies({ replies: [reply] })
  expect([code, offers[0]?.code]).toEqual([honest.code, honest.code])
  // The other one's reply with another root under the name of NOR has other words.
  const other = await accept('NOR-else', text)
  const shown = await at('GBR').pairingReplies({ replies: [other.reply] })
  expect(shown.offers[0]?.code).toBe(other.code)
  expect(other.code).not.toBe(honest.code)
  await at('NOR-else').partnerRevoke({ nation: 'GBR', reason: 'test' })
  await at('NOR').partnerRevoke({ nation: 'GBR', reason: 'test' })
})

test('an invitation is for one nation, once, and for a time', async () => {
  const text = await invite('GBR', 'NOR', 3_600_000)
  const refuses = (name: string, given: string, code: string) =>
    expect(at(name).pairingRead({ text: given })).rejects.toMatchObject({ code })
  await refuses('GBR', text, 'INVITATION_OWN')
  await refuses('CAN', text, 'INVITATION_OTHER')
  await refuses('NOR', 'hello', 'INVITATION_FORM')
  await refuses('NOR', text.slice(0, 300), 'INVITATION_FORM')
  await expect(at('GBR').partnerInvite({ nation: 'GBR', forMs: week })).rejects.toMatchObject({
    code: 'INVITATION_OWN',
  })
  const { reply } = await accept('NOR', text)
  await refuses('NOR', text, 'INVITATION_USED')
  const confirm = (name: string, given: string) => at(name).pairingReplies({ replies: [given] })
  await expect(confirm('CAN', reply)).rejects.toMatchObject({ code: 'REPLY_OTHER' })
  nowMs += 3_600_000
  await expect(confirm('GBR', reply)).rejects.toMatchObject({ code: 'REPLY_EXPIRED' })
  await at('NOR').partnerRevoke({ nation: 'GBR', reason: 'test' })
  await refuses('NOR', text, 'INVITATION_EXPIRED')
  // Another invitation takes the place of the one before.
  const second = await invite('GBR', 'NOR')
  await expect(confirm('GBR', reply)).rejects.toMatchObject({ code: 'PAIRING_UNKNOWN' })
  const answer = await accept('NOR', second)
  const twice = at('GBR').pairingReplies({ replies: [answer.reply, answer.reply] })
  await expect(twice).rejects.toMatchObject({ code: 'REPLY_USED' })
  await at('NOR').partnerRevoke({ nation: 'GBR', reason: 'test' })
})

test('whoever is accepted and not paired yet opens the pairing stream of a running node, and no other', async () => {
  await accept('NOR', await invite('GBR', 'NOR'))
  const network = createMemoryNetwork()
  await start('NOR', {
    network: true,
    alone: true,
    transport: (seed) => network.transport(seed, []),
  })
  const peerOf = (name: string) => loadNodeFolder(folderOf(name)).keys
  const peer = await peerIdOfSeed(peerOf('NOR').identitySeed)
  await using gbr = await network.transport(peerOf('GBR').identitySeed, [
    { peerId: peer, addresses: [] },
  ])
  await until(() => gbr.connected().includes(peer))
  const served = await gbr.serves(peer)
  expect(served.length).toBeGreaterThan(6)
  for (const protocol of served) {
    const channel = await gbr.open(peer, protocol)
    const hello = encodePairing({ t: 'hello', number: 0, proposals: [], roster: null })
    const answer = channel
      .send(hello)
      .then(() => channel.frames[Symbol.asyncIterator]().next())
      .catch(() => null)
    if (protocol.startsWith(pairingProtocol.slice(0, -1)))
      expect(decodePairing((await answer)?.value, HelloFrame)).toMatchObject({ number: 0 })
    else expect([protocol, (await answer)?.value ?? null]).toEqual([protocol, null])
  }
  await start('NOR')
  await at('NOR').partnerRevoke({ nation: 'GBR', reason: 'test' })
})

test('two nations are in one roster once both roots have signed, and share nothing', async () => {
  // A quick rhythm of answers, for an exercise: both read it, and the rosters that follow keep it.
  const asked = { nation: 'NOR', forMs: week, answerMs: 2_000 }
  const { text } = await at('GBR').partnerInvite(asked)
  expect(await at('NOR').pairingRead({ text })).toMatchObject({ answerMs: 2_000 })
  const { reply } = await accept('NOR', text, false)
  expect(await at('NOR').partnerList()).toMatchObject([{ nation: 'GBR', state: 'accepted' }])
  const { draft } = await at('GBR').pairingReplies({ replies: [reply] })
  const waiting = await at('GBR').partnerConfirm({ replies: [reply], signature: null })
  expect(waiting).toMatchObject({ state: 'proposed', number: 1, unsigned: ['GBR'] })
  await expect(at('GBR').pairingReplies({ replies: [reply] })).rejects.toMatchObject({
    code: 'REPLY_USED',
  })
  expect((await at('GBR').status()).pairing.join()).toContain('partner sign --root')
  const [proposal] = await at('GBR').rosterProposals()
  if (proposal === undefined || draft === null) throw new Error('nothing is proposed')
  const gbr = { GBR: sign('GBR', proposal.draft) ?? '' }
  const signed = { ...proposal.draft, signatures: { ...proposal.draft.signatures, ...gbr } }
  expect(await at('GBR').rosterSigned({ roster: signed })).toMatchObject({ state: 'in force' })
  expect(reopened).toContain('GBR')

  // At the accepting side it waits until people have compared the words.
  expect(await at('NOR').rosterSigned({ roster: signed })).toMatchObject({
    state: 'proposed',
    unsigned: [],
    uncompared: ['GBR'],
  })
  await at('NOR').partnerCompared({ nation: 'GBR' })
  for (const name of ['GBR', 'NOR']) {
    const node = await start(name)
    const other = name === 'GBR' ? 'NOR' : 'GBR'
    const partner = (await node.partnerList()).find(({ nation }) => nation === other)
    expect(partner).toMatchObject({ state: 'paired' })
    expect((await node.preview({})).plan).toBeNull()
    expect((await node.status()).partners[0]).toMatchObject({
      sent: { records: 0 },
      received: { records: 0 },
    })
  }
  await expect(at('GBR').partnerInvite({ nation: 'NOR', forMs: week })).rejects.toMatchObject({
    code: 'PARTNER_ALREADY',
  })
})

test('a third nation joins with the signature of every root; another root of a known nation does not', async () => {
  const asked = { nation: 'CAN', forMs: week, answerMs: 5_000 }
  await expect(at('GBR').partnerInvite(asked)).rejects.toMatchObject({ code: 'PAIRING_COALITION' })
  const text = await invite('GBR', 'CAN')
  const { reply } = await accept('CAN', text)
  const { draft } = await at('GBR').pairingReplies({ replies: [reply] })
  expect(draft?.nations.map(({ nation }) => nation)).toEqual(['CAN', 'GBR', 'NOR'])
  expect(draft?.witnessPolicy.answerMs).toBe(2_000)
  const signature = sign('GBR', draft)
  const standing = await at('GBR').partnerConfirm({ replies: [reply], signature })
  expect(standing).toMatchObject({ state: 'proposed', number: 2, unsigned: ['NOR'] })
  // In band, here by hand: the member that has not signed hears of it.
  const [proposal] = await at('GBR').rosterProposals()
  if (proposal === undefined) throw new Error('nothing is proposed')
  expect(proposal).toMatchObject({ adds: ['CAN'], drops: [], signed: ['CAN', 'GBR'] })
  await at('NOR').rosterSigned({ roster: proposal.draft })
  expect(await at('NOR').partnerList()).toMatchObject([
    { nation: 'CAN', state: 'proposed', words: expect.stringContaining('signed by CAN, GBR') },
    { nation: 'GBR', state: 'paired' },
  ])
  const nor = { NOR: sign('NOR', proposal.draft) ?? '' }
  const roster = { ...proposal.draft, signatures: { ...proposal.draft.signatures, ...nor } }
  for (const name of ['NOR', 'GBR', 'CAN']) {
    expect(await at(name).rosterSigned({ roster })).toMatchObject({ state: 'in force' })
    await start(name)
  }
  expect((await at('CAN').partnerList()).map(({ state }) => state)).toEqual(['paired', 'paired'])
  // Somebody else who calls himself NOR invites CAN.
  const impostor = await invite('NOR-else', 'CAN')
  await expect(at('CAN').pairingRead({ text: impostor })).rejects.toMatchObject({
    code: 'PAIRING_ROOT',
  })
})

test('a partner that is revoked is no partner any more, until it is invited again', async () => {
  await at('GBR').partnerRevoke({ nation: 'CAN', reason: 'key lost' })
  const gbr = await start('GBR')
  expect((await gbr.status()).partners.map(({ nation }) => nation)).toEqual(['NOR'])
  expect(await gbr.partnerShow({ nation: 'CAN' })).toMatchObject({
    state: 'revoked',
    words: expect.stringContaining('key lost'),
  })
  await expect(gbr.partnerPause({ nation: 'CAN', paused: true })).rejects.toMatchObject({
    code: 'PARTNER_UNKNOWN',
  })
  const { reply } = await accept('CAN', await invite('GBR', 'CAN'))
  const { draft } = await at('GBR').pairingReplies({ replies: [reply] })
  expect(draft).toBeNull()
  const standing = await at('GBR').partnerConfirm({ replies: [reply], signature: null })
  expect(standing.state).toBe('in force')
  await start('GBR')
  expect((await at('GBR').partnerList()).map(({ state }) => state)).toEqual(['paired', 'paired'])
})
