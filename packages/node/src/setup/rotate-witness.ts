import { join } from 'node:path'
import { certificateType, type NodeCertificate, signJws } from '@entente/schema'
import { createVerifierKey, formatVerifierKey, KEY_TYPE } from '@entente/tlog'
import { type Ed25519Signer, rawPublicKey } from '../adapters/ed25519.ts'
import { createHeadFile } from '../log/head-file.ts'
import { witnessNameOf } from './config.ts'
import { writeNewKey } from './key-file.ts'
import { NEXT_WITNESS } from './next-witness.ts'
import { loadOwn } from './node-folder.ts'
import { readOwnNationFile, writeNationFile } from './own-nation-file.ts'
import { pathsOf } from './paths.ts'
import { SetupError } from './setup-error.ts'

export interface RotatedWitness {
  readonly nationFilePath: string
  readonly witnessKey: string
}

/**
 * Makes a new witness key and has the root certify it in the nation file, which goes into the next roster; the node takes the key
 * with the roster that names it. A key that waits already is certified and not made again.
 * @param root must be the nation's own
 * @throws {SetupError} `ROOT_NOT_OURS`, `ROSTER_UNREADABLE`
 */
export function rotateWitness(folder: string, root: Ed25519Signer): RotatedWitness {
  const own = loadOwn(folder)
  const { nation, origin } = own.config
  const given = readOwnNationFile({ folder, nation, rosterPath: own.rosterPath }, root)
  const before = given.nodes.findLast((node) => node.origin === origin)
  if (before === undefined)
    throw new SetupError('ROSTER_UNREADABLE', `${given.path} has no certificate of ${origin}`)
  const publicKey =
    own.nextWitness?.publicKey ??
    rawPublicKey(writeNewKey(join(pathsOf(folder).keys, NEXT_WITNESS), 'ed25519'))
  const witnessKey = formatVerifierKey(
    createVerifierKey(witnessNameOf(origin), KEY_TYPE.cosignature, publicKey),
  )
  if (before.witnessKey !== witnessKey) {
    // The statement key is the same before and after it: nothing hangs on the leaf but the order of certificates.
    const from = Math.max(createHeadFile(own.headPath).read() ?? 0, before.from + 1)
    const { succession: _, ...kept } = before
    const next: NodeCertificate = { ...kept, serial: given.nextSerial, from, witnessKey }
    const certificates = [...given.file.certificates, signJws(certificateType, next, root.sign)]
    writeNationFile(given.path, { ...given.file, certificates })
  }
  return { nationFilePath: given.path, witnessKey }
}
