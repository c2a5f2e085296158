import { z } from 'zod'
import { fromBase64url } from './bytes.ts'
import { canonicalJson } from './canonical-json.ts'
import {
  type AuthorityCertificate,
  Certificate,
  certificateType,
  type DraftingCertificate,
  type NodeCertificate,
  type OfficerCertificate,
  PublicKey,
} from './certificate.ts'
import { digestOf } from './hash.ts'
import { openJws, type Verify } from './jws.ts'
import { type CertifiedKeys, Revocation, revocationType } from './key-validity.ts'
import { Nation } from './nation.ts'
import { draftingNodesOf, furtherNodesOf, mainNodeOf, nodesFault } from './nation-nodes.ts'
import { OneLine } from './one-line.ts'
import {
  formerRootsOf,
  openRootWord,
  type Rooted,
  type RootSuccession,
  rootsIn,
  SuccessionError,
  Successions,
} from './root-succession.ts'
import { successionFault } from './succession.ts'

/** A witness that is no nation: a neutral third party, or any other that speaks C2SP tlog-witness over HTTP. */
export const NeutralWitness = z.strictObject({
  name: z.string().regex(/^[^\s,+]{4,100}$/, 'not a witness name of at least four characters'),
  key: z.string().describe('vkey of the cosigner, cosignature/v1'),
  url: z
    .url({ protocol: /^https?$/ })
    .max(500)
    .describe('where add-checkpoint is below'),
})
export type NeutralWitness = z.infer<typeof NeutralWitness>

/**
 * Who is in the coalition and how many must cosign before a widening release may be read; the same document is signed by
 * every nation's root.
 */
export const WitnessPolicy = z.strictObject({
  number: z.int().min(1),
  nations: z.string().describe('digest of the nation files, roots and policy quorums included'),
  witnesses: z.array(
    z.union([z.strictObject({ nation: Nation, key: z.string() }), NeutralWitness]),
  ),
  quorum: z.int().min(1).describe('cosignatures needed, the releasing nation excluded'),
  toleranceMs: z.int().min(0).describe('δ: how far clocks may differ'),
  freshnessMs: z.int().min(0).describe('age at which a checkpoint no longer proves being in sync'),
  challengeMs: z
    .int()
    .min(0)
    .optional()
    .describe('how long a log may leave a proof of consistency unanswered; a day unless said'),
  answerMs: z
    .int()
    .min(100)
    .optional()
    .describe(
      'requests are answered this long after the next full period of it; an hour unless said',
    ),
  pendingQuorum: z
    .boolean()
    .optional()
    .describe('send what widens, closed, ahead of its quorum, and its key with it; no unless said'),
  courierMs: z
    .int()
    .min(0)
    .optional()
    .describe(
      'how long a bundle may be on its way, its cosignatures included; none widens anything unless said',
    ),
})
export type WitnessPolicy = z.infer<typeof WitnessPolicy>
export const witnessPolicyType = 'entente-witness-policy'

/** One nation's part: what `init` writes beside its keys and `roster build` gathers. */
export const NationFile = z.strictObject({
  nation: Nation,
  organisation: OneLine,
  root: PublicKey,
  policyQuorum: z.int().min(1),
  /** Compact JWS of the root; the node's by rising serial, those of earlier keys and logs included. */
  certificates: z.array(z.string()),
  /** Compact JWS of the root; what stands here once stays. */
  revocations: z.array(z.string()).optional(),
  /** How the present root came after those before it, oldest first; what stands here once stays. */
  successions: Successions.optional(),
})
export type NationFile = z.infer<typeof NationFile>

export const RosterFile = z.strictObject({
  exercise: z.string().optional(),
  nations: z.array(NationFile),
  witnessPolicy: WitnessPolicy,
  /** Nation to compact JWS of its root over `witnessPolicy`. */
  signatures: z.record(z.string(), z.string()),
})
export type RosterFile = z.infer<typeof RosterFile>

export interface Member extends CertifiedKeys, Rooted {
  readonly nation: Nation
  readonly organisation: string
  readonly root: Uint8Array
  readonly policyQuorum: number
  /** The newest certificate of the main node: whom to dial, which log goes on, whose witness counts. */
  readonly node: NodeCertificate
  /** Further nodes with a log of their own, which release what they were handed; the newest certificate of each. */
  readonly further: readonly NodeCertificate[]
  /** Nodes that only draft; partners have nothing to do with them. */
  readonly drafting: readonly DraftingCertificate[]
  readonly authorities: readonly AuthorityCertificate[]
  readonly officers: readonly OfficerCertificate[]
  /** The root's signed words behind `nodes` and `revocations`, as they go into the log. */
  readonly keyChanges: readonly KeyDocument[]
}

/** A certificate or revocation as the root signed it. */
export interface KeyDocument {
  readonly action: 'certify' | 'revoke'
  readonly origin: string
  /** First leaf of the certified key; zero for what is revoked. */
  readonly from: number
  readonly seal: string
}

/** The nations, keys and endpoints this node has been told to trust, all signatures checked. */
export interface Roster {
  readonly members: ReadonlyMap<Nation, Member>
  readonly witnessPolicy: WitnessPolicy
}

export type RosterCode =
  | 'ROSTER_FORM'
  | 'ROSTER_CERTIFICATE'
  | 'ROSTER_DUPLICATE'
  | 'ROSTER_KEYS'
  | 'ROSTER_NATIONS'
  | 'ROSTER_NO_NODE'
  | 'ROSTER_SUCCESSION'
  | 'WITNESS_POLICY_UNSIGNED'
  | 'WITNESS_POLICY_SIGNATURE'
  | 'WITNESS_POLICY_KEYS'
  | 'WITNESS_POLICY_QUORUM'

/** A roster that must not be trusted; the message names nation and certificate. */
export class RosterError extends Error {
  override readonly name = 'RosterError'
  readonly code: RosterCode
  constructor(code: RosterCode, message: string) {
    super(message)
    this.code = code
  }
}

/**
 * Opens a roster: every certificate signed by its nation's root, the keys of each log in order, and a witness policy that every
 * root has signed and that names exactly the certified witness key of each nation.
 * @throws {RosterError}
 */
export function openRoster(input: unknown, verify: Verify): Roster {
  const parsed = RosterFile.safeParse(input)
  if (!parsed.success) throw new RosterError('ROSTER_FORM', z.prettifyError(parsed.error))
  const file = parsed.data
  const members = new Map<Nation, Member>()
  for (const nation of file.nations) {
    if (members.has(nation.nation))
      throw new RosterError('ROSTER_DUPLICATE', `${nation.nation} stands twice in the roster`)
    members.set(nation.nation, openMember(nation, verify))
  }
  checkNobodyTwice(members)
  checkWitnessPolicy(file, members, verify)
  return { members, witnessPolicy: file.witnessPolicy }
}

/**
 * Opens one nation file: every certificate and revocation signed by the root that it names.
 * @throws {RosterError}
 */
export function openMember(file: NationFile, verify: Verify): Member {
  const root = keyBytes(file.root)
  const successions = openSuccessions(file, verify)
  const certificates = openNationCertificates(file, verify)
  const nodes = certificates.filter((certificate) => certificate.role === 'node')
  const node = mainNodeOf(nodes)
  if (node === undefined)
    throw new RosterError('ROSTER_NO_NODE', `${file.nation} certifies no node`)
  checkKeyOrder(file.nation, nodes, verify)
  const drafting = certificates.filter((certificate) => certificate.role === 'drafting-node')
  const fault = nodesFault(nodes, drafting)
  if (fault !== null) throw new RosterError('ROSTER_KEYS', `${file.nation}: ${fault}`)
  const revocations = (file.revocations ?? []).map((jws, i) => {
    const what = `revocation ${i + 1} of ${file.nation}`
    const revocation = openWord(what, () =>
      Revocation.parse(openRootWord({ root, successions }, jws, revocationType, verify)),
    )
    const isOurs =
      revocation.nation === file.nation &&
      (nodes.some(({ origin, key }) => origin === revocation.origin && key === revocation.key) ||
        drafting.some(({ key }) => key === revocation.key))
    if (!isOurs)
      throw new RosterError('ROSTER_KEYS', `${what} names no key that its certificates name`)
    return revocation
  })
  return {
    nation: file.nation,
    organisation: file.organisation,
    root,
    ...(successions.length > 0 && { successions }),
    policyQuorum: file.policyQuorum,
    node,
    nodes,
    further: furtherNodesOf(nodes, revocations),
    drafting: draftingNodesOf(drafting, revocations),
    revocations,
    authorities: certificates.filter((certificate) => certificate.role === 'policy-authority'),
    officers: certificates.filter((certificate) => certificate.role === 'release-officer'),
    keyChanges: [
      ...file.certificates.flatMap((seal, i): KeyDocument[] => {
        const certificate = certificates[i]
        if (certificate?.role !== 'node') return []
        return [{ action: 'certify', origin: certificate.origin, from: certificate.from, seal }]
      }),
      ...(file.revocations ?? []).flatMap((seal, i): KeyDocument[] => {
        const { origin, key } = revocations[i] ?? {}
        // The key of a drafting node signs no leaf: no log has anything to say of it.
        const isDrafting = drafting.some((each) => each.key === key)
        return origin === undefined || isDrafting
          ? []
          : [{ action: 'revoke', origin, from: 0, seal }]
      }),
    ],
  }
}

/**
 * Certificates of a nation file, each signed by its root and for that nation, in the order of the file.
 * @throws {RosterError} `ROSTER_CERTIFICATE`
 */
export function openNationCertificates(file: NationFile, verify: Verify): readonly Certificate[] {
  const root = keyBytes(file.root)
  return file.certificates.map((jws, i) => {
    const certificate = openWord(`certificate ${i + 1} of ${file.nation}`, () =>
      Certificate.parse(openJws(jws, certificateType, root, verify)),
    )
    if (certificate.nation !== file.nation)
      throw new RosterError(
        'ROSTER_CERTIFICATE',
        `${file.nation} certifies a key of ${certificate.nation}`,
      )
    return certificate
  })
}

/** @throws {RosterError} `ROSTER_SUCCESSION` */
export function openSuccessions(
  { nation, root, successions = [] }: NationFile,
  verify: Verify,
): readonly RootSuccession[] {
  try {
    return formerRootsOf({ nation, root }, successions, verify)
  } catch (error) {
    if (!(error instanceof SuccessionError)) throw error
    throw new RosterError(
      'ROSTER_SUCCESSION',
      `the succession of the root of ${nation}: ${error.message}`,
    )
  }
}

function openWord<T>(what: string, open: () => T): T {
  try {
    return open()
  } catch (error) {
    const why = error instanceof Error ? error.message : String(error)
    throw new RosterError('ROSTER_CERTIFICATE', `${what}: ${why}`)
  }
}

/** Serials rise; the ranges of one log begin at its first leaf and rise too; its log key never changes; cross-signatures hold. */
function checkKeyOrder(nation: Nation, nodes: readonly NodeCertificate[], verify: Verify): void {
  const before = new Map<string, NodeCertificate>()
  let serial = 0
  for (const node of nodes) {
    const last = before.get(node.origin)
    const refuse = (why: string) =>
      new RosterError('ROSTER_KEYS', `node certificate ${node.serial} of ${nation} ${why}`)
    if (node.serial <= serial) throw refuse(`comes after number ${serial}`)
    if (last === undefined && node.from !== 0)
      throw refuse(`begins at leaf ${node.from}, and nobody signs the leaves before`)
    if (last !== undefined && node.from <= last.from)
      throw refuse(`begins at leaf ${node.from}, the one before it at ${last.from}`)
    if (last !== undefined && node.logKey !== last.logKey)
      throw refuse('changes the key of a log, which it has for ever: retire the log')
    const fault = successionFault(last, node, verify)
    if (fault !== null) throw refuse(fault)
    serial = node.serial
    before.set(node.origin, node)
  }
}

/** What names one nation, its root, its logs and its keys, names no other: a peer or a log would be taken for a stranger's. */
function checkNobodyTwice(members: ReadonlyMap<Nation, Member>): void {
  const owners = new Map<string, Nation>()
  for (const member of members.values()) {
    const { nation, nodes, drafting } = member
    const names = [
      ...nodes.flatMap(({ peerId, origin, key, logKey }) => [
        `peer ${peerId}`,
        `log ${origin}`,
        `statement key ${key}`,
        `log key ${vkeyBytes(logKey)}`,
      ]),
      ...drafting.flatMap(({ peerId, key }) => [`peer ${peerId}`, `statement key ${key}`]),
    ]
    for (const name of [...rootsIn(member).map((root) => `root ${root}`), ...names]) {
      const owner = owners.get(name) ?? nation
      if (owner !== nation)
        throw new RosterError(
          'ROSTER_DUPLICATE',
          `${nation} certifies what is of ${owner} already: ${name}`,
        )
      owners.set(name, owner)
    }
  }
}

/** The key within a vkey, after its name and key ID: one key is one key, whatever it is called. */
const vkeyBytes = (vkey: string): string => vkey.split('+').slice(2).join('+') || vkey

function checkWitnessPolicy(file: RosterFile, members: Map<Nation, Member>, verify: Verify): void {
  const wanted = canonicalJson(file.witnessPolicy)
  for (const { nation, root } of members.values()) {
    const jws = file.signatures[nation]
    if (jws === undefined)
      throw new RosterError(
        'WITNESS_POLICY_UNSIGNED',
        `the root of ${nation} has not signed the witness policy`,
      )
    let signed: unknown
    try {
      signed = openJws(jws, witnessPolicyType, root, verify)
    } catch {
      throw new RosterError(
        'WITNESS_POLICY_SIGNATURE',
        `the signature of ${nation} on the witness policy does not verify`,
      )
    }
    if (canonicalJson(signed) !== wanted)
      throw new RosterError(
        'WITNESS_POLICY_SIGNATURE',
        `${nation} has signed another witness policy`,
      )
  }
  if (nationsDigest(file.nations) !== file.witnessPolicy.nations)
    throw new RosterError(
      'ROSTER_NATIONS',
      'the nations of this roster are not those that the roots have signed',
    )
  const { witnesses, quorum } = file.witnessPolicy
  for (const witness of witnesses)
    if ('nation' in witness && members.get(witness.nation)?.node.witnessKey !== witness.key)
      throw new RosterError(
        'WITNESS_POLICY_KEYS',
        `the witness key of ${witness.nation} is not the certified one`,
      )
  const names = new Set(witnesses.map((w) => ('nation' in w ? w.nation : w.name)))
  const keys = new Set(witnesses.map(({ key }) => vkeyBytes(key)))
  if (names.size !== witnesses.length || keys.size !== witnesses.length)
    throw new RosterError(
      'WITNESS_POLICY_KEYS',
      'a nation, name or key stands twice among the witnesses',
    )
  // Every log must reach the quorum without its own nation.
  if (quorum > Math.max(1, witnesses.length - 1))
    throw new RosterError(
      'WITNESS_POLICY_QUORUM',
      `a quorum of ${quorum} cannot be reached by ${witnesses.length - 1} witnesses`,
    )
}

/** What every root signs of the nations: their roots, certificates and policy quorums, in the order of the roster. */
export const nationsDigest = (nations: readonly NationFile[]): string => digestOf(nations)

/** Key bytes of a base64url public key that has passed `PublicKey`. */
export function keyBytes(key: string): Uint8Array {
  const bytes = fromBase64url(key)
  if (bytes?.length !== 32) throw new RosterError('ROSTER_FORM', `${key} is not a 32-byte key`)
  return bytes
}
