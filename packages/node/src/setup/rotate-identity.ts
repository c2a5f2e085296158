import { join } from 'node:path'
import { certificateType, signJws, withSuccession } from '@entente/schema'
import { createEd25519Signer, type Ed25519Signer } from '../adapters/ed25519.ts'
import { peerIdOf } from '../adapters/libp2p-peer.ts'
import { createHeadFile } from '../log/head-file.ts'
import { writeNewKey } from './key-file.ts'
import { NEXT_IDENTITY } from './next-witness.ts'
import { loadOwn } from './node-folder.ts'
import { readOwnNationFile, writeNationFile } from './own-nation-file.ts'
import { pathsOf } from './paths.ts'
import { signersOf } from './rotate-key.ts'
import { SetupError } from './setup-error.ts'

export interface RotatedIdentity {
  readonly peerId: string
  readonly serial: number
  readonly nationFilePath: string
}

/**
 * Makes a new network identity and has the root certify it; the old one and the new one sign the certificate too. The node takes it with the
 * roster that names it, and partners list the new peer id instead of the old one. One that waits already is not made again.
 * @param root must be the nation's own
 * @throws {SetupError} `ROOT_NOT_OURS`, `ROSTER_UNREADABLE`
 */
export function rotateIdentity(folder: string, root: Ed25519Signer): RotatedIdentity {
  const own = loadOwn(folder)
  const { nation, origin } = own.config
  const given = readOwnNationFile({ folder, nation, rosterPath: own.rosterPath }, root)
  const before = given.nodes.findLast((node) => node.origin === origin)
  if (before === undefined)
    throw new SetupError('ROSTER_UNREADABLE', `${given.path} has no certificate of ${origin}`)
  const path = join(pathsOf(folder).keys, NEXT_IDENTITY)
  const signer = own.nextIdentity ?? createEd25519Signer(writeNewKey(path, 'ed25519'))
  const peerId = peerIdOf(signer.publicKey)
  const serial = before.peerId === peerId ? before.serial : given.nextSerial
  if (before.peerId !== peerId) {
    // The statement key is the same before and after it: nothing hangs on the leaf but the order of certificates.
    const from = Math.max(createHeadFile(own.headPath).read() ?? 0, before.from + 1)
    const next = withSuccession(
      before,
      { ...before, serial, from, peerId },
      signersOf([own.keys.identity, signer]),
    )
    const certificates = [...given.file.certificates, signJws(certificateType, next, root.sign)]
    writeNationFile(given.path, { ...given.file, certificates })
  }
  return { peerId, serial, nationFilePath: given.path }
}
