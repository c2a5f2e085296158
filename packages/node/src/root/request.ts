import {
  AtMs,
  Certificate,
  canonicalJson,
  certificateType,
  digestOf,
  fromBase64url,
  GenesisSeal,
  genesisSealType,
  HandoverSeal,
  handoverSealType,
  keyBytes,
  Nation,
  OneLine,
  openJws,
  PublicKey,
  parseCanonical,
  Revocation,
  revocationType,
  signJws,
  toBase64url,
} from '@entente/schema'
import { parseVerifierKey } from '@entente/tlog'
import { z } from 'zod'
import { type Ed25519Signer, verifyEd25519 } from '../adapters/ed25519.ts'
import { publicKeyOfPeer } from '../adapters/libp2p-peer.ts'
import { SetupError } from '../setup/setup-error.ts'

/** What a root can be asked to sign, word for word; each under the type by which it is opened later. */
export const RootDocument = z.discriminatedUnion('type', [
  z.strictObject({ type: z.literal(certificateType), document: Certificate }),
  z.strictObject({ type: z.literal(genesisSealType), document: GenesisSeal }),
  z.strictObject({ type: z.literal(handoverSealType), document: HandoverSeal }),
  z.strictObject({ type: z.literal(revocationType), document: Revocation }),
])
export type RootDocument = z.infer<typeof RootDocument>

/** What a node asks of the root of its nation, which lies on another computer. */
export const RootRequest = z.strictObject({
  nation: Nation,
  organisation: OneLine.min(1).max(200),
  /** When it was asked, epoch milliseconds. */
  at: AtMs,
  /** Statement key of the node that asks. */
  by: PublicKey,
  policyQuorum: z.int().min(1).max(9).describe('authorities that must sign every policy'),
  documents: z.array(RootDocument).min(1).max(32),
})
export type RootRequest = z.infer<typeof RootRequest>

const RequestFile = z.strictObject({
  request: RootRequest,
  /** Each key that the request names, over the whole of it: whoever asks has them. */
  proofs: z.array(z.strictObject({ key: PublicKey, jws: z.string().max(2_048) })).max(128),
})
const proofType = 'entente-root-request'

/** What the root has signed of a request, in its order. */
const RootAnswer = z.strictObject({
  nation: Nation,
  /** Digest of the request. */
  request: z.string(),
  root: PublicKey,
  signed: z.array(z.string().max(16_384)).min(1).max(32),
})
export type RootAnswer = z.infer<typeof RootAnswer>

/** Says of a request what two people compare by voice. */
export const digestOfRequest = (request: RootRequest): Uint8Array =>
  fromBase64url(digestOf(request)) ?? new Uint8Array()

/**
 * Keys that a request names, and that sign: of each certificate all, of the node that asks its own. The X25519 key of a node is not among
 * them, because it cannot sign.
 */
function keysOf({ by, documents }: RootRequest): ReadonlySet<string> {
  const keys = new Set([by])
  for (const { type, document } of documents) {
    if (type !== certificateType) continue
    keys.add(document.key)
    if (document.role !== 'node') continue
    keys.add(toBase64url(parseVerifierKey(document.logKey).publicKey))
    keys.add(toBase64url(parseVerifierKey(document.witnessKey).publicKey))
    keys.add(toBase64url(publicKeyOfPeer(document.peerId)))
  }
  return keys
}

/**
 * Text of a request, with a proof by every key that it names.
 * @param signers must hold them all
 * @throws {SetupError} `KEY_MISSING`
 */
export function formatRequest(request: RootRequest, signers: readonly Ed25519Signer[]): string {
  const byKey = new Map(signers.map((signer) => [toBase64url(signer.publicKey), signer]))
  const digest = digestOf(request)
  const proofs = [...keysOf(request)].sort().map((key) => {
    const signer = byKey.get(key)
    if (signer === undefined)
      throw new SetupError('KEY_MISSING', `the key ${key}, which the request names, is not here`)
    return { key, jws: signJws(proofType, { request: digest, key }, signer.sign) }
  })
  return `${canonicalJson({ request, proofs })}\n`
}

/**
 * Opens a request: of one nation alone, and proven by exactly the keys that it names. No byte of it can be changed.
 * @throws {SetupError} `ROOT_REQUEST_FORM`, `ROOT_REQUEST_NATION`, `ROOT_REQUEST_PROOF`
 */
export function openRequest(text: string): RootRequest {
  const { request, proofs } = parseText(text, RequestFile, 'request')
  const { nation } = request
  const stranger = request.documents.find(({ document }) => document.nation !== nation)
  if (stranger !== undefined)
    throw new SetupError(
      'ROOT_REQUEST_NATION',
      `${nation} asks for a word of the root of ${stranger.document.nation}`,
    )
  const digest = digestOf(request)
  const missing = namedKeys(request)
  for (const { key, jws } of proofs) {
    if (!missing.delete(key)) throw noProof(`${key}, which it does not name, or twice`)
    if (!proves(key, jws, digest)) throw noProof(`${key}, whose proof does not verify`)
  }
  const [unproven] = missing
  if (unproven !== undefined) throw noProof(`${unproven}, of which there is no proof`)
  return request
}

function namedKeys(request: RootRequest): Set<string> {
  try {
    return new Set(keysOf(request))
  } catch (error) {
    const why = error instanceof Error ? error.message : String(error)
    throw new SetupError('ROOT_REQUEST_FORM', `this request names what is no key: ${why}`)
  }
}

const noProof = (what: string): SetupError =>
  new SetupError(
    'ROOT_REQUEST_PROOF',
    `this request has been changed, or whoever made it does not have its keys: ${what}`,
  )

function proves(key: string, jws: string, request: string): boolean {
  try {
    const said = openJws(jws, proofType, keyBytes(key), verifyEd25519)
    return canonicalJson(said) === canonicalJson({ request, key })
  } catch {
    return false
  }
}

/** Signs every document of a request. */
export function answerRequest(request: RootRequest, root: Ed25519Signer): RootAnswer {
  return {
    nation: request.nation,
    request: digestOf(request),
    root: toBase64url(root.publicKey),
    signed: request.documents.map(({ type, document }) => signJws(type, document, root.sign)),
  }
}

export const formatAnswer = (answer: RootAnswer): string => `${canonicalJson(answer)}\n`

/**
 * Opens an answer: the root has signed this request, word for word.
 * @param request as this node made it
 * @throws {SetupError} `ROOT_ANSWER_FORM`, `ROOT_ANSWER_DIFFERS`
 */
export function openAnswer(text: string, request: RootRequest): RootAnswer {
  const answer = parseText(text, RootAnswer, 'answer')
  const differs = (what: string) =>
    new SetupError('ROOT_ANSWER_DIFFERS', `this is not the root’s word on what was asked: ${what}`)
  if (answer.nation !== request.nation || answer.request !== digestOf(request))
    throw differs('it answers another request')
  if (answer.signed.length !== request.documents.length) throw differs('it signs more, or less')
  for (const [i, { type, document }] of request.documents.entries()) {
    let said: unknown
    try {
      said = openJws(answer.signed[i] ?? '', type, keyBytes(answer.root), verifyEd25519)
    } catch {
      throw differs(`the signature of document ${i + 1} does not verify`)
    }
    if (canonicalJson(said) !== canonicalJson(document))
      throw differs(`document ${i + 1} says something else`)
  }
  return answer
}

/** Canonical JSON and one line end, so that no byte is without meaning. */
function parseText<T>(text: string, schema: z.ZodType<T>, what: 'request' | 'answer'): T {
  const refuse = (why: string) =>
    new SetupError(
      what === 'request' ? 'ROOT_REQUEST_FORM' : 'ROOT_ANSWER_FORM',
      `this is no ${what} as entente writes it: ${why}`,
    )
  if (!text.endsWith('\n')) throw refuse('its end is missing')
  let input: unknown
  try {
    input = parseCanonical(text.slice(0, -1))
  } catch (error) {
    throw refuse(error instanceof Error ? error.message : String(error))
  }
  const parsed = schema.safeParse(input)
  if (parsed.success) return parsed.data
  throw refuse(z.prettifyError(parsed.error))
}
