import { z } from 'zod'
import { fromBase64url } from './bytes.ts'
import { canonicalJson } from './canonical-json.ts'
import {
  type AuthorityCertificate,
  Certificate,
  certificateType,
  type NodeCertificate,
  PublicKey,
} from './certificate.ts'
import { digestOf } from './hash.ts'
import { openJws, type Verify } from './jws.ts'
import { Nation } from './nation.ts'

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
})
export type WitnessPolicy = z.infer<typeof WitnessPolicy>
export const witnessPolicyType = 'entente-witness-policy'

/** One nation's part: what `init` writes beside its keys and `roster build` gathers. */
export const NationFile = z.strictObject({
  nation: Nation,
  organisation: z.string(),
  root: PublicKey,
  policyQuorum: z.int().min(1),
  certificates: z.array(z.string()),
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

export interface Member {
  readonly nation: Nation
  readonly organisation: string
  readonly root: Uint8Array
  readonly policyQuorum: number
  readonly node: NodeCertificate
  readonly authorities: readonly AuthorityCertificate[]
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
  | 'ROSTER_NATIONS'
  | 'ROSTER_NO_NODE'
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
 * Opens a roster: every certificate signed by its nation's root, one node a nation, and a witness policy that every
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
  checkWitnessPolicy(file, members, verify)
  return { members, witnessPolicy: file.witnessPolicy }
}

function openMember(file: NationFile, verify: Verify): Member {
  const root = keyBytes(file.root)
  const certificates = file.certificates.map((jws, i) => {
    try {
      return Certificate.parse(openJws(jws, certificateType, root, verify))
    } catch (error) {
      const why = error instanceof Error ? error.message : String(error)
      throw new RosterError('ROSTER_CERTIFICATE', `certificate ${i + 1} of ${file.nation}: ${why}`)
    }
  })
  const foreign = certificates.find((certificate) => certificate.nation !== file.nation)
  if (foreign !== undefined)
    throw new RosterError(
      'ROSTER_CERTIFICATE',
      `${file.nation} certifies a key of ${foreign.nation}`,
    )
  const nodes = certificates.filter((certificate) => certificate.role === 'node')
  const node = nodes[0]
  if (node === undefined || nodes.length > 1)
    throw new RosterError(
      'ROSTER_NO_NODE',
      `${file.nation} must certify exactly one node, not ${nodes.length}`,
    )
  return {
    nation: file.nation,
    organisation: file.organisation,
    root,
    policyQuorum: file.policyQuorum,
    node,
    authorities: certificates.filter((certificate) => certificate.role === 'policy-authority'),
  }
}

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
  // The key within a vkey, after its name and key ID: one key counts once, whatever it is called.
  const keys = new Set(witnesses.map(({ key }) => key.split('+').slice(2).join('+') || key))
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
