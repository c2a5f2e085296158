import { writeFileSync } from 'node:fs'
import { dirname, join } from 'node:path'
import {
  certificateType,
  DraftingCertificate,
  type GenesisSeal,
  genesisSealType,
  keyBytes,
  NodeCertificate,
  nodesFault,
  openJws,
  peekJws,
  signJws,
} from '@entente/schema'
import { z } from 'zod'
import { type Ed25519Signer, verifyEd25519 } from '../adapters/ed25519.ts'
import { loadOwn } from './node-folder.ts'
import { readOwnNationFile, writeNationFile } from './own-nation-file.ts'
import { readJson } from './read-json.ts'
import { SetupError } from './setup-error.ts'

/** JWS `typ` of what a new node asks the root to certify: a certificate, signed by the key that stands in it. */
export const nodeRequestType = 'entente-node-request'
const RequestFile = z.strictObject({ request: z.string().max(16_384) })
const Wanted = z.discriminatedUnion('role', [NodeCertificate, DraftingCertificate])

/** What the root has certified. Public facts and paths only. */
export interface CertifiedNode {
  readonly name: string
  readonly role: 'node' | 'drafting-node'
  readonly serial: number
  readonly key: string
  readonly peerId: string
  readonly nationFilePath: string
  /** The root's word on the log of the new node, which goes into its folder; null for one that only drafts. */
  readonly genesisSealPath: string | null
}

/**
 * Has the root certify a further node of the nation, in the nation file of the node in `folder`. It counts once a roster with that
 * file is installed. It never receives or cosigns for the nation: one node does.
 * @throws {SetupError} `REQUEST_FORM`, `ROOT_NOT_OURS`, `NODE_EXISTS`
 */
export function certifyNodeRequest(
  folder: string,
  root: Ed25519Signer,
  requestPath: string,
): CertifiedNode {
  const own = loadOwn(folder)
  const { nation } = own.config
  const given = readOwnNationFile({ folder, nation, rosterPath: own.rosterPath }, root)
  const wanted = readRequest(requestPath)
  if (wanted.nation !== nation)
    throw new SetupError(
      'REQUEST_FORM',
      `${requestPath} asks for a node of ${wanted.nation}, and this is ${nation}`,
    )
  if (wanted.role === 'node' && (wanted.roles?.join() !== 'releaser' || wanted.from !== 0))
    throw new SetupError(
      'REQUEST_FORM',
      `${requestPath} asks for more than to release from a log of its own`,
    )
  const certificate = { ...wanted, serial: given.nextSerial }
  const drafting = given.certificates.filter((each) => each.role === 'drafting-node')
  const known = [...given.nodes, ...drafting].find(({ peerId }) => peerId === wanted.peerId)
  const fault =
    known === undefined
      ? certificate.role === 'node'
        ? nodesFault([...given.nodes, certificate], drafting)
        : nodesFault(given.nodes, [...drafting, certificate])
      : `peer ${known.peerId} has certificate ${known.serial} already`
  if (fault !== null) throw new SetupError('NODE_EXISTS', fault)
  if (
    certificate.role === 'node' &&
    given.nodes.some(({ origin }) => origin === certificate.origin)
  )
    throw new SetupError('NODE_EXISTS', `${certificate.origin} is a log of ${nation} already`)
  writeNationFile(given.path, {
    ...given.file,
    certificates: [...given.file.certificates, signJws(certificateType, certificate, root.sign)],
  })
  return {
    name: certificate.name,
    role: certificate.role,
    serial: certificate.serial,
    key: certificate.key,
    peerId: certificate.peerId,
    nationFilePath: given.path,
    genesisSealPath:
      certificate.role === 'node' ? sealGenesis(certificate, root, requestPath) : null,
  }
}

/** Written beside the request, which lies in the folder of the new node unless it was carried. */
function sealGenesis(
  { nation, origin, logKey }: NodeCertificate,
  root: Ed25519Signer,
  requestPath: string,
): string {
  const path = join(dirname(requestPath), 'genesis-seal.jws')
  const seal: GenesisSeal = { nation, origin, logKey, previous: null }
  writeFileSync(path, `${signJws(genesisSealType, seal, root.sign)}\n`, { mode: 0o600 })
  return path
}

function readRequest(path: string): z.infer<typeof Wanted> {
  const refuse = (reason: string) => new SetupError('REQUEST_FORM', `${path}: ${reason}`)
  const input = readJson(path, { missing: () => refuse('no such file'), form: refuse })
  const file = RequestFile.safeParse(input)
  if (!file.success) throw refuse('it is no request of a node: `entente init --join` makes one')
  try {
    const { request } = file.data
    const { key } = Wanted.parse(peekJws(request).payload)
    return Wanted.parse(openJws(request, nodeRequestType, keyBytes(key), verifyEd25519))
  } catch (error) {
    throw refuse(`its signature does not verify: ${error instanceof Error ? error.message : error}`)
  }
}
