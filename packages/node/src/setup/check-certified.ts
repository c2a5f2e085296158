import {
  isMainNode,
  keyBytes,
  type Member,
  type NationFile,
  openMember,
  type Roster,
  RosterError,
} from '@entente/schema'
import { KEY_TYPE, type KeyType, parseVerifierKey, type VerifierKey } from '@entente/tlog'
import { verifyEd25519 } from '../adapters/ed25519.ts'
import { parsePeer, publicKeyOfPeer } from '../adapters/libp2p-peer.ts'

/**
 * What a root certifies may be well signed and still be nothing that a node can use. Found before anything of it is kept: a node that
 * found out when it is opened would not open any more, and one nation could stop all others.
 * @throws {RosterError} `ROSTER_KEYS`
 */
export function checkCertified(member: Member): void {
  const { nation, nodes, node, further, drafting } = member
  const trying = (serial: number, what: string, parse: () => unknown): void => {
    try {
      parse()
    } catch (error) {
      const why = error instanceof Error ? error.message : String(error)
      throw new RosterError('ROSTER_KEYS', `certificate ${serial} of ${nation}: ${what}: ${why}`)
    }
  }
  for (const each of nodes) {
    trying(each.serial, 'log key', () => {
      const { name } = typed(each.logKey, KEY_TYPE.ed25519)
      if (name !== each.origin) throw new Error(`it is of ${name}, and the log is ${each.origin}`)
    })
    if (isMainNode(each))
      trying(each.serial, 'witness key', () => typed(each.witnessKey, KEY_TYPE.cosignature))
    trying(each.serial, 'encryption key', () => keyBytes(each.encryptionKey))
    trying(each.serial, 'statement key', () => keyBytes(each.key))
  }
  // Only where a node is now is it dialled.
  for (const { serial, peerId, endpoints } of [node, ...further, ...drafting]) {
    trying(serial, 'peer id', () => publicKeyOfPeer(peerId))
    trying(serial, 'endpoint', () => parsePeer({ peerId, addresses: endpoints }))
  }
}

/** @throws {RosterError} `ROSTER_KEYS` */
export function checkCertifiedIn(roster: Roster): void {
  for (const member of roster.members.values()) checkCertified(member)
}

/** The same of nation files, of which no roster has been made yet. @throws {RosterError} */
export function checkCertifiedBy(files: readonly NationFile[]): void {
  for (const file of files) checkCertified(openMember(file, verifyEd25519))
}

function typed(vkey: string, type: KeyType): VerifierKey {
  const key = parseVerifierKey(vkey)
  if (key.type !== type) throw new Error('it is a key for something else')
  return key
}
