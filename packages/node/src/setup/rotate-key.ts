import { existsSync } from 'node:fs'
import { join } from 'node:path'
import { certificateType, type Sign, signJws, toBase64url, withSuccession } from '@entente/schema'
import { createEd25519Signer, type Ed25519Signer, rawPublicKey } from '../adapters/ed25519.ts'
import { createHeadFile } from '../log/head-file.ts'
import { readKey, writeNewKey } from './key-file.ts'
import { loadOwn } from './node-folder.ts'
import { type OwnNationFile, readOwnNationFile, writeNationFile } from './own-nation-file.ts'
import { pathsOf } from './paths.ts'
import { SetupError } from './setup-error.ts'

/**
 * Leaves between the head of a log and where a new key begins, unless it is to begin at once: room for what is sealed until every
 * nation has signed the new roster.
 */
const ROOM = 10_000

/** What a rotation made. */
export interface RotatedKey {
  readonly key: string
  readonly serial: number
  /** First leaf that the new key signs. */
  readonly from: number
  readonly keyPath: string
  readonly nationFilePath: string
}

/**
 * Makes a new statement key and has the root certify it from a leaf on that is not there yet; the old key and the new one sign the
 * certificate too, unless the old one is lost. Nothing changes until a roster with the new nation file is installed; then the log is
 * brought to that leaf with pads under the old key.
 * @param from `head`: the leaf that comes next, for a key that is lost or stolen; the node must not run. Else far enough ahead
 * @throws {SetupError} `ROOT_NOT_OURS`, `KEY_LATE` (the leaf is there already)
 */
export function rotateKey(
  folder: string,
  root: Ed25519Signer,
  { from: wanted }: { readonly from?: number | 'head' | undefined } = {},
): RotatedKey {
  const own = loadOwn(folder)
  const { nation, origin } = own.config
  const given = readOwnNationFile({ folder, nation, rosterPath: own.rosterPath }, root)
  const leaves = createHeadFile(own.headPath).read() ?? 0
  const kept = withoutLate(given, origin, leaves)
  // What is left out can sign for nothing.
  const before = given.certificates
    .filter((_, i) => kept.includes(given.file.certificates[i] ?? ''))
    .filter((certificate) => certificate.role === 'node')
    .findLast((node) => node.origin === origin)
  if (before === undefined)
    throw new SetupError('ROSTER_UNREADABLE', `${given.path} has no certificate of ${origin}`)
  const from = wanted === 'head' ? leaves : (wanted ?? leaves + ROOM)
  if (from < leaves)
    throw new SetupError('KEY_LATE', `leaf ${from} is there already: the log has ${leaves} leaves`)
  const keyPath = join(pathsOf(folder).keys, `statement-${given.nextSerial}.pem`)
  const privateKey = existsSync(keyPath) ? readKey(keyPath) : writeNewKey(keyPath, 'ed25519')
  const key = toBase64url(rawPublicKey(privateKey))
  const signer = createEd25519Signer(privateKey)
  const certificate = withSuccession(
    before,
    { ...before, serial: given.nextSerial, key, from },
    signersOf([...own.keys.statements, signer]),
  )
  writeNationFile(given.path, {
    ...given.file,
    certificates: [...kept, signJws(certificateType, certificate, root.sign)],
  })
  return { key, serial: given.nextSerial, from, keyPath, nationFilePath: given.path }
}

/** By key, base64url. */
export const signersOf = (signers: readonly Ed25519Signer[]): ReadonlyMap<string, Sign> =>
  new Map(signers.map(({ publicKey, sign }) => [toBase64url(publicKey), sign]))

/** Certificates but those of this log that were never installed, and whose leaf has come without them: they can never be. */
export const withoutLate = (
  { file, certificates, installed }: OwnNationFile,
  origin: string,
  leaves: number,
): readonly string[] =>
  file.certificates.filter((jws, i) => {
    const certificate = certificates[i]
    const isLate =
      certificate?.role === 'node' && certificate.origin === origin && certificate.from < leaves
    return !isLate || certificate.from === 0 || installed.has(jws)
  })
