import {
  type Nation,
  type NationFile,
  type OpenedInvitation,
  type OpenedReply,
  type RosterFile,
  rootsIn,
} from '@entente/schema'
import { MOST_NUMBERS_AHEAD } from './frames.ts'
import { PairingError } from './pairing-error.ts'
import type { PairingRow } from './pairing-store.ts'

/** What a node knows when it is handed an invitation or a reply. */
export interface Known {
  readonly nation: Nation
  readonly nowMs: number
  /** Of the roster in force; 0: none. */
  readonly number: number
  readonly rows: readonly PairingRow[]
  /** Nonces of invitations that count no more, those of nations that were cut off since included. */
  readonly used: ReadonlySet<string>
  /** When each nation that is cut off was. */
  readonly cutOffMs: ReadonlyMap<Nation, number>
  /** Statement keys that this node knows to be revoked, whatever the file says that stands beside them. */
  readonly revokedKeys: ReadonlySet<string>
  /** Partners that are not cut off. */
  readonly partners: ReadonlySet<Nation>
  /** Roots that this node has been told of, base64url; those of nations that are cut off included. */
  readonly roots: ReadonlyMap<Nation, string>
}

/** @throws {PairingError} when this invitation is not for us, not now, or not again */
export function checkInvitation(
  known: Known,
  { payload, file, member, roster }: OpenedInvitation,
): void {
  const { from, to, nonce, at, expires, again } = payload
  if (from === known.nation)
    throw new PairingError(
      'INVITATION_OWN',
      `this is your own invitation: send it to ${to}, who accepts it at their node`,
    )
  if (to !== known.nation)
    throw new PairingError(
      'INVITATION_OTHER',
      `this invitation is for ${to}, and this node is of ${known.nation}: have ${from} make one for ${known.nation}`,
    )
  if (expires <= known.nowMs)
    throw new PairingError(
      'INVITATION_EXPIRED',
      `this invitation ended on ${day(expires)}: have ${from} make a new one`,
    )
  if (known.used.has(nonce))
    throw new PairingError(
      'INVITATION_USED',
      `this invitation has been accepted here already: send ${from} the reply that was written then, or have ${from} make a new invitation`,
    )
  const cutOffMs = known.cutOffMs.get(from)
  if (cutOffMs !== undefined && at < cutOffMs)
    throw new PairingError(
      'INVITATION_EXPIRED',
      `this invitation was made before ${from} was cut off on ${day(cutOffMs)}: have ${from} make a new one`,
    )
  checkKey(known, payload)
  checkRoot(known, file, member)
  if (known.partners.has(from) && !again)
    throw new PairingError(
      'PARTNER_ALREADY',
      `${from} is a partner of ${known.nation} already: entente partner show ${from}`,
    )
  const theirs = new Map((roster?.nations ?? [file]).map((each) => [each.nation, each.root]))
  const left = [...known.partners].filter(
    (nation) => theirs.get(nation) !== known.roots.get(nation),
  )
  if (left.length > 0)
    throw new PairingError(
      'PAIRING_COALITION',
      `${known.nation} is in a coalition with ${left.join(', ')}, in which ${from} is not: invite ${from} into it from here instead`,
    )
}

/** @returns the invitation that is answered @throws {PairingError} when this reply answers none of ours that still waits */
export function checkReply(known: Known, { payload, file, member }: OpenedReply): PairingRow {
  const { from, to, invitation } = payload
  if (to !== known.nation)
    throw new PairingError(
      'REPLY_OTHER',
      `this reply is for ${to}, and this node is of ${known.nation}`,
    )
  const row = known.rows.find((each) => each.nonce === invitation)
  if (row === undefined)
    throw new PairingError(
      'PAIRING_UNKNOWN',
      `this reply of ${from} answers no invitation that waits here: another was made since, or it was revoked. Invite again: entente partner invite ${from}`,
    )
  if (row.nation !== from)
    throw new PairingError(
      'REPLY_OTHER',
      `this reply is from ${from}, and its invitation was for ${row.nation}`,
    )
  if (row.state !== 'invited')
    throw new PairingError(
      'REPLY_USED',
      `the invitation that this answers has been used: entente partner show ${from} says how it stands`,
    )
  if (row.expiresMs <= known.nowMs)
    throw new PairingError(
      'REPLY_EXPIRED',
      `the invitation of ${from} ended on ${day(row.expiresMs)}: invite again: entente partner invite ${from}`,
    )
  if (payload.number > known.number + MOST_NUMBERS_AHEAD)
    throw new PairingError(
      'PROPOSAL_NUMBER',
      `this reply says that roster ${payload.number} is in force at ${from}, and here it is ${known.number}: no number would be left to follow`,
    )
  checkKey(known, payload)
  checkRoot(known, file, member)
  return row
}

/** The file beside it may be one from before its root revoked the key. */
function checkKey(
  { revokedKeys }: Known,
  { from, key }: { readonly from: Nation; readonly key: string },
): void {
  if (revokedKeys.has(key))
    throw new PairingError(
      'PAIRING_KEY',
      `this is signed by a key of ${from} that its root has revoked: ask ${from} by telephone before anything else`,
    )
}

/** A nation has one root, and those that it has named after it; another under the same name is somebody else until people have found out. */
function checkRoot(
  { roots }: Known,
  { nation, root }: NationFile,
  member: OpenedInvitation['member'],
): void {
  const known = roots.get(nation)
  if (known !== undefined && known !== root && !rootsIn(member).includes(known))
    throw new PairingError(
      'PAIRING_ROOT',
      `this names another root key of ${nation} than the one that is known here: ask ${nation} by telephone before anything else. If it begins anew because its root is lost or stolen: a roster from hand to hand, and entente roster install FILE --allow-root ${nation}`,
    )
}

/** Whether a roster already says of a nation all that its file does. */
export const isNamed = (roster: RosterFile | null, file: NationFile): boolean =>
  roster?.nations.some(
    ({ nation, root, certificates }) =>
      nation === file.nation &&
      root === file.root &&
      certificates.join() === file.certificates.join(),
  ) ?? false

const day = (ms: number): string => new Date(ms).toISOString().slice(0, 16).replace('T', ' ')
