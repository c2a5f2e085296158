import { z } from 'zod'
import { fromBase64url } from '../bytes.ts'
import { PublicKey } from '../certificate.ts'
import { Digest } from '../digest.ts'
import { digestOf } from '../hash.ts'
import { JwsError, openJws, type Sign, signJws, type Verify } from '../jws.ts'
import { Nation } from '../nation.ts'
import {
  keyBytes,
  type Member,
  NationFile,
  openMember,
  openRoster,
  RosterError,
  RosterFile,
} from '../roster.ts'
import { ArmourError, type Armoured, armour, openArmour } from './armour.ts'

/** 16 random bytes. */
export const Nonce = z.string().regex(/^[A-Za-z0-9_-]{22}$/, 'not 16 bytes of base64url')

/** What the inviting node signs with its newest statement key. It gives no right to any data. */
export const InvitationPayload = z.strictObject({
  from: Nation,
  to: Nation,
  nonce: Nonce,
  /** Milliseconds since 1970: when it was made, and from when on it is no longer taken. */
  at: z.int(),
  expires: z.int(),
  key: PublicKey.describe('newest statement key of the node, certified by its root'),
  nation: Digest.describe('of the inviting nation’s file'),
  roster: Digest.nullable().describe('of the roster in force there; null: it is alone'),
  /** Set when this lifts a revocation. */
  again: z.boolean(),
  answerMs: z
    .int()
    .min(100)
    .max(86_400_000)
    .optional()
    .describe('rhythm of answers in the first roster of these two; an hour unless said'),
})
export type InvitationPayload = z.infer<typeof InvitationPayload>
export const invitationType = 'entente-invitation'

/** What the accepting node signs likewise. */
export const ReplyPayload = z.strictObject({
  from: Nation,
  to: Nation,
  invitation: Nonce.describe('nonce of the invitation'),
  nonce: Nonce.describe('of the accepting node, made after it had read the invitation'),
  at: z.int(),
  key: PublicKey,
  nation: Digest,
  signature: Digest.nullable().describe('of the root’s word beside it'),
  /** Number of the roster in force at the accepting node; 0: it is alone. */
  number: z.int().min(0),
})
export type ReplyPayload = z.infer<typeof ReplyPayload>
export const replyType = 'entente-pairing-reply'

const Jws = z.string().max(16_384)
const InvitationFile = z.strictObject({
  invitation: Jws,
  nation: NationFile,
  roster: RosterFile.nullable(),
})
const ReplyFile = z.strictObject({
  reply: Jws,
  nation: NationFile,
  /** The root’s word on the roster edition of these two nations, where its key was at hand. */
  signature: Jws.nullable(),
})

export type PairingTextCode =
  | 'INVITATION_FORM'
  | 'INVITATION_DAMAGED'
  | 'INVITATION_SIGNATURE'
  | 'REPLY_FORM'
  | 'REPLY_DAMAGED'
  | 'REPLY_SIGNATURE'

/** A pairing text that must not be taken: not one at all, changed on its way, or not signed by whom it names. */
export class PairingTextError extends Error {
  override readonly name = 'PairingTextError'
  readonly code: PairingTextCode
  constructor(code: PairingTextCode, message: string) {
    super(message)
    this.code = code
  }
}

/** An invitation or reply whose every signature has been checked, against the root that it names itself. */
export interface OpenedPairing<T> {
  readonly payload: T
  readonly nonce: Uint8Array
  readonly file: NationFile
  readonly member: Member
}
export interface OpenedInvitation extends OpenedPairing<InvitationPayload> {
  readonly roster: RosterFile | null
}
export interface OpenedReply extends OpenedPairing<ReplyPayload> {
  readonly signature: string | null
}

/** @param sign with the key that the payload names */
export function sealInvitation(
  said: Omit<InvitationPayload, 'nation' | 'roster'>,
  { nation, roster }: { readonly nation: NationFile; readonly roster: RosterFile | null },
  sign: Sign,
): string {
  const digests = { nation: digestOf(nation), roster: roster === null ? null : digestOf(roster) }
  const invitation = signJws(invitationType, { ...said, ...digests }, sign)
  return armour('INVITATION', { invitation, nation, roster })
}

/** @param sign with the key that the payload names */
export function sealReply(
  said: Omit<ReplyPayload, 'nation' | 'signature'>,
  { nation, signature }: { readonly nation: NationFile; readonly signature: string | null },
  sign: Sign,
): string {
  const digests = {
    nation: digestOf(nation),
    signature: signature === null ? null : digestOf(signature),
  }
  const reply = signJws(replyType, { ...said, ...digests }, sign)
  return armour('REPLY', { reply, nation, signature })
}

/**
 * Opens the text of an invitation. Whose root it is that vouches for it, only people can say: they compare the words of the code.
 * @throws {PairingTextError} `INVITATION_FORM`, `INVITATION_DAMAGED`, `INVITATION_SIGNATURE`
 */
export function openInvitation(text: string, verify: Verify): OpenedInvitation {
  const { invitation, nation, roster } = read('INVITATION', text, InvitationFile)
  const { payload, member } = open('INVITATION', { jws: invitation, nation, verify }, (input) =>
    InvitationPayload.parse(input),
  )
  const isBound = payload.roster === (roster === null ? null : digestOf(roster))
  if (!isBound) throw refuse('INVITATION', 'SIGNATURE', 'it carries another roster than it names')
  if (roster !== null) {
    const inside = checked('INVITATION', () => openRoster(roster, verify)).members.get(payload.from)
    if (inside === undefined || inside.root.join() !== member.root.join())
      throw refuse('INVITATION', 'SIGNATURE', `its roster names another root of ${payload.from}`)
  }
  return { payload, nonce: bytesOf(payload.nonce), file: nation, member, roster }
}

/** @throws {PairingTextError} `REPLY_FORM`, `REPLY_DAMAGED`, `REPLY_SIGNATURE` */
export function openReply(text: string, verify: Verify): OpenedReply {
  const { reply, nation, signature } = read('REPLY', text, ReplyFile)
  const { payload, member } = open('REPLY', { jws: reply, nation, verify }, (input) =>
    ReplyPayload.parse(input),
  )
  if (payload.signature !== (signature === null ? null : digestOf(signature)))
    throw refuse('REPLY', 'SIGNATURE', 'it carries another word of the root than it names')
  return { payload, nonce: bytesOf(payload.nonce), file: nation, member, signature }
}

function read<T>(what: Armoured, text: string, schema: z.ZodType<T>): T {
  try {
    const parsed = schema.safeParse(openArmour(what, text))
    if (parsed.success) return parsed.data
    throw refuse(what, 'FORM', z.prettifyError(parsed.error))
  } catch (error) {
    if (!(error instanceof ArmourError)) throw error
    const how = error.code === 'ARMOUR_MISSING' ? 'FORM' : 'DAMAGED'
    const ask = how === 'FORM' ? '' : ': have it sent again, as a file'
    throw refuse(what, how, `${error.message}${ask}`)
  }
}

interface Said {
  readonly from: Nation
  readonly key: string
  readonly nation: string
}

function open<T extends Said>(
  what: Armoured,
  { jws, nation, verify }: { jws: string; nation: NationFile; verify: Verify },
  parse: (input: unknown) => T,
): { readonly payload: T; readonly member: Member } {
  const member = checked(what, () => openMember(nation, verify))
  const { key } = member.node
  const isRevoked = member.revocations.some((revocation) => revocation.key === key)
  if (isRevoked)
    throw refuse(what, 'SIGNATURE', `the root of ${member.nation} has revoked the key it signs by`)
  const type = what === 'INVITATION' ? invitationType : replyType
  const payload = checked(what, () => parse(openJws(jws, type, keyBytes(key), verify)))
  if (payload.from !== nation.nation || payload.key !== key || payload.nation !== digestOf(nation))
    throw refuse(what, 'SIGNATURE', 'the nation file in it is not the one that it was signed with')
  return { payload, member }
}

function checked<T>(what: Armoured, act: () => T): T {
  try {
    return act()
  } catch (error) {
    const isOurs =
      error instanceof JwsError || error instanceof RosterError || error instanceof z.ZodError
    if (!isOurs) throw error
    throw refuse(what, 'SIGNATURE', error.message)
  }
}

function refuse(what: Armoured, how: 'FORM' | 'DAMAGED' | 'SIGNATURE', why: string) {
  const name = what === 'INVITATION' ? 'this invitation' : 'this reply'
  const words =
    how === 'FORM'
      ? `${name} cannot be read: ${why}`
      : how === 'DAMAGED'
        ? `${name} is damaged: ${why}`
        : `${name} must not be believed: ${why}`
  return new PairingTextError(`${what}_${how}`, words)
}

const bytesOf = (nonce: string): Uint8Array => fromBase64url(nonce) ?? new Uint8Array()
