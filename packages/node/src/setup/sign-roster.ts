import { RosterError, RosterFile, signJws, toBase64url, witnessPolicyType } from '@entente/schema'
import { z } from 'zod'
import type { Ed25519Signer } from '../adapters/ed25519.ts'
import { SetupError } from './setup-error.ts'

/** @throws {RosterError} `ROSTER_FORM` */
export function parseRosterFile(input: unknown): RosterFile {
  const parsed = RosterFile.safeParse(input)
  if (parsed.success) return parsed.data
  throw new RosterError('ROSTER_FORM', z.prettifyError(parsed.error))
}

/**
 * Adds one nation's signature over the witness policy; the roster is in force once every nation's stands there.
 * @param root the nation's root key, which finds its nation in the roster
 * @throws {SetupError} `ROOT_NOT_IN_ROSTER`
 */
export function signRoster(roster: RosterFile, root: Ed25519Signer): RosterFile {
  const key = toBase64url(root.publicKey)
  const member = roster.nations.find((file) => file.root === key)
  if (member === undefined)
    throw new SetupError('ROOT_NOT_IN_ROSTER', 'this key is the root of no nation in the roster')
  const signature = signJws(witnessPolicyType, roster.witnessPolicy, root.sign)
  return { ...roster, signatures: { ...roster.signatures, [member.nation]: signature } }
}

/** Nations whose signature is still missing. */
export function unsignedBy(roster: RosterFile): readonly string[] {
  return roster.nations
    .map(({ nation }) => nation)
    .filter((nation) => !(nation in roster.signatures))
}
