import type { KeyObject } from 'node:crypto'
import { existsSync, readdirSync, readFileSync } from 'node:fs'
import { join } from 'node:path'
import { type Roster, toBase64url, withRevocations } from '@entente/schema'
import {
  createVerifierKey,
  formatVerifierKey,
  KEY_TYPE,
  type Signer,
  type VerifierKey,
} from '@entente/tlog'
import { createEd25519Signer, type Ed25519Signer, verifyEd25519 } from '../adapters/ed25519.ts'
import { peerIdOf } from '../adapters/libp2p-peer.ts'
import { readHeard } from '../keys/heard-file.ts'
import { createHeadFile } from '../log/head-file.ts'
import { type NodeConfig, readConfig, witnessNameOf } from './config.ts'
import { readBytes, readKey, readRecoveryKey, readSigner, seedOf } from './key-file.ts'
import {
  hasNextIdentity,
  hasNextWitness,
  NEXT_IDENTITY,
  NEXT_WITNESS,
  takeNextIdentity,
  takeNextWitness,
} from './next-witness.ts'
import { readOwnRoots } from './own-nation-file.ts'
import { logKeyFile, pathsOf } from './paths.ts'
import { loadRoster, type Self } from './roster-store.ts'

/** The node's own keys. The nation's root and its policy authority are not among them. */
export interface NodeKeys {
  /** The newest statement key. */
  readonly statement: Ed25519Signer
  /** All statement keys that lie here, the oldest first: which of them signs a leaf, the roster says. */
  readonly statements: readonly Ed25519Signer[]
  readonly log: Ed25519Signer
  readonly witness: Ed25519Signer
  readonly identity: Ed25519Signer
  /** Ed25519 private key of the network identity, 32 bytes. */
  readonly identitySeed: Uint8Array
  /** HMAC key from which the salts of fragments come, 32 bytes. */
  readonly fragmentKey: Uint8Array
  /** X25519 private key, to which courier bundles are encrypted. */
  readonly encryption: KeyObject
}

/** A node's folder, read and checked. */
export interface NodeFolder {
  readonly folder: string
  readonly config: NodeConfig
  readonly keys: NodeKeys
  readonly peerId: string
  /** Signs checkpoints of this node's log. */
  readonly logSigner: Signer
  /** Cosigns other nations' checkpoints. */
  readonly cosigner: Signer
  /** Key that takes the witness key's place with the roster that names it, or null. */
  readonly nextWitness: VerifierKey | null
  readonly nextWitnessSigner: Ed25519Signer | null
  /** Key that takes the network identity's place with the roster that names it, or null. */
  readonly nextIdentity: Ed25519Signer | null
  /** Null until `roster install` or the first pairing: the node is alone. */
  readonly roster: Roster | null
  readonly databasePath: string
  readonly headPath: string
  readonly witnessCountPath: string
  readonly socketPath: string
  readonly lockPath: string
  readonly rosterPath: string
  /** Revocations that were heard beside the roster, which `roster` has already. */
  readonly revocationsPath: string
  /** The root's word on this log (JWS), for leaf 0; null in folders made before there were any. */
  readonly genesisSeal: string | null
}

/**
 * Reads config, keys and roster of a node.
 * @throws {SetupError} `CONFIG_MISSING`, `CONFIG_FORM`, `KEY_MISSING`, `KEY_EXPOSED`, `KEY_FORM`, `ROSTER_UNREADABLE`, `ROSTER_NOT_OURS`
 * @throws {RosterError} when the installed roster must not be trusted
 */
export function loadNodeFolder(folder: string): NodeFolder {
  const own = loadOwn(folder)
  const installed = loadRoster(own.rosterPath, selfOf(own))
  const heard = readHeard(own.revocationsPath)
  const roster = installed === null ? null : withRevocations(installed, heard, verifyEd25519)
  const { nextWitness, nextIdentity } = own
  const member = roster?.members.get(own.config.nation)
  const nodes = member === undefined ? [] : [member.node, ...member.further]
  if (
    nextIdentity !== null &&
    nodes.some(({ peerId }) => peerId === peerIdOf(nextIdentity.publicKey))
  ) {
    takeNextIdentity(folder)
    return loadNodeFolder(folder)
  }
  const named = member?.node.peerId === own.peerId ? member.node.witnessKey : undefined
  if (nextWitness === null || named !== formatVerifierKey(nextWitness)) return { ...own, roster }
  takeNextWitness(folder, nextWitness)
  return { ...loadOwn(folder), roster }
}

/** Everything but the roster: what `roster install` needs. */
export function loadOwn(folder: string): Omit<NodeFolder, 'roster'> {
  const config = readConfig(pathsOf(folder).config)
  const paths = pathsOf(folder, config.epoch)
  const at = (file: string): string => join(paths.keys, file)
  const identity = readKey(at('identity.pem'))
  const statements = statementKeys(paths.keys)
  const keys: NodeKeys = {
    statement: statements.at(-1) ?? readSigner(at('statement.pem')),
    statements,
    log: readSigner(at(logKeyFile(config.epoch ?? 1))),
    witness: readSigner(at('witness.pem')),
    identity: createEd25519Signer(identity),
    identitySeed: seedOf(identity),
    fragmentKey: readBytes(at('fragment.key'), 32),
    encryption: readRecoveryKey(at('encryption.pem')),
  }
  const next = hasNextWitness(folder) ? readSigner(at(NEXT_WITNESS)) : null
  return {
    folder,
    config,
    keys,
    peerId: peerIdOf(createEd25519Signer(identity).publicKey),
    logSigner: {
      key: createVerifierKey(config.origin, KEY_TYPE.ed25519, keys.log.publicKey),
      sign: keys.log.sign,
    },
    cosigner: {
      key: witnessKeyOf(config, keys.witness),
      sign: keys.witness.sign,
    },
    nextWitness: next === null ? null : witnessKeyOf(config, next),
    nextWitnessSigner: next,
    nextIdentity: hasNextIdentity(folder) ? readSigner(at(NEXT_IDENTITY)) : null,
    databasePath: paths.database,
    headPath: paths.head,
    witnessCountPath: paths.witnessCount,
    socketPath: paths.socket,
    lockPath: paths.lock,
    rosterPath: paths.roster,
    revocationsPath: paths.revocations,
    genesisSeal: existsSync(paths.genesisSeal)
      ? readFileSync(paths.genesisSeal, 'utf8').trimEnd()
      : null,
  }
}

/** `statement.pem`, then `statement-SERIAL.pem` of each rotation by rising serial. */
function statementKeys(keysFolder: string): readonly Ed25519Signer[] {
  const serials = readdirSync(keysFolder).flatMap((file) => {
    const match = /^statement(?:-(\d+))?\.pem$/.exec(file)
    return match === null ? [] : [{ file, serial: Number(match[1] ?? 0) }]
  })
  return serials
    .sort((a, b) => a.serial - b.serial)
    .map(({ file }) => readSigner(join(keysFolder, file)))
}

/** How this node finds itself in a roster. */
export function selfOf(own: Omit<NodeFolder, 'roster'>): Self {
  return {
    nation: own.config.nation,
    statementKeys: own.keys.statements.map(({ publicKey }) => toBase64url(publicKey)),
    peerId: own.peerId,
    nextPeerId: own.nextIdentity === null ? null : peerIdOf(own.nextIdentity.publicKey),
    logKey: formatVerifierKey(own.logSigner.key),
    witnessKey: formatVerifierKey(own.cosigner.key),
    nextWitnessKey: own.nextWitness === null ? null : formatVerifierKey(own.nextWitness),
    origin: own.config.origin,
    drafts: own.config.drafts === true,
    leaves: createHeadFile(own.headPath).read() ?? 0,
    ownRoots: () =>
      readOwnRoots({
        folder: own.folder,
        nation: own.config.nation,
        rosterPath: own.rosterPath,
      }),
  }
}

const witnessKeyOf = ({ origin }: NodeConfig, { publicKey }: Ed25519Signer): VerifierKey =>
  createVerifierKey(witnessNameOf(origin), KEY_TYPE.cosignature, publicKey)
