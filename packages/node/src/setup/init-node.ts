import { type KeyObject, randomBytes } from 'node:crypto'
import { chmodSync, existsSync, readdirSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import {
  type AuthorityCertificate,
  certificateType,
  type GenesisSeal,
  genesisSealType,
  isNation,
  type Nation,
  type NationFile,
  type NodeCertificate,
  type OfficerCertificate,
  OneLine,
  type Sign,
  signJws,
  toBase64url,
  toHex,
} from '@entente/schema'
import { createVerifierKey, formatVerifierKey, KEY_TYPE, parseVerifierKey } from '@entente/tlog'
import { createEd25519Signer, type Ed25519Signer, rawPublicKey } from '../adapters/ed25519.ts'
import { peerIdOf } from '../adapters/libp2p-peer.ts'
import { makeFolderKey } from '../keys/at-rest/secret-file.ts'
import { makeFolder } from '../make-folder.ts'
import { notePending } from '../root/pending.ts'
import { formatRequest, type RootRequest } from '../root/request.ts'
import { createWitnessCountFile } from '../witness/witness-count.ts'
import { isDialable, parseAddress } from './address.ts'
import { type NodeConfig, witnessNameOf } from './config.ts'
import { writeNewBytes, writeNewKey } from './key-file.ts'
import { type NodePaths, pathsOf } from './paths.ts'
import { SetupError } from './setup-error.ts'

export interface InitOptions {
  readonly folder: string
  /** Where the keys of the nation's root, policy authority and release officer go: not the node's folder. */
  readonly keysDir: string
  readonly nation: Nation
  readonly organisation: string
  /** `host:port` or a multiaddr. Port 0: this node dials its partners and is not dialled. */
  readonly listen: string
  /** What partners dial, when it is not `listen`. */
  readonly endpoints?: readonly string[]
  readonly origin?: string
  readonly name?: string
  readonly exercise?: string
  /** Policy authorities, each with a key of its own; 1 unless said. */
  readonly authorities?: number
  /** How many of them must sign every policy; 1 unless said. */
  readonly policyQuorum?: number
  /** Opens everything that is made; absent: keys lie open, mode 0600. */
  readonly passphrase?: string
}

/** What `init` made. Paths and public keys only. */
export interface InitResult {
  readonly nation: Nation
  readonly folder: string
  readonly origin: string
  readonly peerId: string
  /** Root public key, 32 bytes: what partners compare by voice. */
  readonly root: Uint8Array
  readonly rootKeyPath: string
  readonly authorityKeyPath: string
  readonly officerKeyPath: string
  /** Of all authorities, the one above first. */
  readonly authorityKeyPaths: readonly string[]
  readonly nationFilePath: string
}

/**
 * Makes a node: its folder (0700) with config and keys (0600), the nation's root, authority and officer keys outside of it, and
 * the nation file that goes into the roster. Overwrites nothing.
 * @throws {SetupError} `NATION_UNKNOWN`, `ADDRESS_FORM`, `AUTHORITIES`, `FOLDER_NOT_EMPTY`, `KEY_EXISTS`
 */
export function initNode(options: InitOptions): InitResult {
  const rootKeyPath = join(options.keysDir, `${options.nation}.root.pem`)
  const made = prepareNode(options, [rootKeyPath])
  const root = createEd25519Signer(writeNewKey(rootKeyPath, 'ed25519', options.passphrase))
  const { config, paths, certificates, seal, nationFilePath, policyQuorum, ...result } = made
  const { nation, organisation } = config
  writeJson(nationFilePath, nationFile(nation, organisation, root, certificates, policyQuorum))
  writeNew(paths.genesisSeal, `${signJws(genesisSealType, seal, root.sign)}\n`)
  // Last, because a folder with a config is a finished one.
  writeJson(paths.config, config)
  const { signers: _, ...shown } = result
  return { ...shown, nationFilePath, root: root.publicKey, rootKeyPath }
}

/**
 * Makes a node whose root is on another computer: all keys but that one, and a request that its root signs there.
 * @param atMs when it is asked @returns text of the request, for `root sign`
 * @throws as {@link initNode}
 */
export function initNodeForRoot(
  options: InitOptions,
  atMs: number,
): Omit<InitResult, 'root' | 'rootKeyPath'> & {
  readonly text: string
  readonly request: RootRequest
} {
  const made = prepareNode(options, [])
  const { config, paths, certificates, seal, policyQuorum, signers, ...shown } = made
  const [node] = certificates
  const request: RootRequest = {
    nation: config.nation,
    organisation: config.organisation,
    at: atMs,
    by: node.key,
    policyQuorum,
    documents: [
      ...certificates.map((document) => ({ type: certificateType, document }) as const),
      { type: genesisSealType, document: seal },
    ],
  }
  const text = formatRequest(request, signers)
  notePending(options.folder, text)
  writeJson(paths.config, config)
  return { ...shown, text, request }
}

/** Everything but the root's word: folder, keys, and the documents that it is to sign. */
function prepareNode(options: InitOptions, others: readonly string[]) {
  const config = configOf(options)
  const { nation } = config
  const paths = pathsOf(options.folder)
  const { authorities = 1, policyQuorum = 1, passphrase } = options
  if (policyQuorum > authorities)
    throw new SetupError(
      'AUTHORITIES',
      `${policyQuorum} of ${authorities} authorities cannot sign: make more with --authorities`,
    )
  const authorityKeyPath = join(options.keysDir, `${nation}.authority.pem`)
  const officerKeyPath = join(options.keysDir, `${nation}.officer.pem`)
  const authorityKeyPaths = [
    authorityKeyPath,
    ...Array.from({ length: authorities - 1 }, (_, i) =>
      join(options.keysDir, `${nation}.authority-${i + 2}.pem`),
    ),
  ]
  const nationFilePath = join(options.folder, `${nation}.nation.json`)
  checkNothingThere(options.folder, [...others, ...authorityKeyPaths, officerKeyPath])
  for (const folder of [options.keysDir, options.folder, paths.keys]) makeFolder(folder, 0o700)
  chmodSync(options.folder, 0o700)
  if (passphrase !== undefined) makeFolderKey(paths.keys, passphrase)

  const person = (path: string) => createEd25519Signer(writeNewKey(path, 'ed25519', passphrase))
  const { node, signers } = certifyNode(config, paths.keys)
  const authoritySigners = authorityKeyPaths.map(person)
  const officerSigner = person(officerKeyPath)
  const certified = authoritySigners.map(
    ({ publicKey }, i): AuthorityCertificate => ({
      role: 'policy-authority',
      nation,
      serial: 2 + i,
      name: `${nation} policy authority${i === 0 ? '' : ` ${i + 1}`}`,
      key: toBase64url(publicKey),
    }),
  )
  const officer: OfficerCertificate = {
    role: 'release-officer',
    nation,
    serial: 2 + authorities,
    name: `${nation} release officer`,
    key: toBase64url(officerSigner.publicKey),
  }
  beginCount(paths, node)
  const { origin, logKey, peerId } = node
  const seal: GenesisSeal = { nation, origin, logKey, previous: null }
  return {
    nation,
    folder: options.folder,
    origin,
    peerId,
    authorityKeyPath,
    officerKeyPath,
    authorityKeyPaths,
    nationFilePath,
    config,
    paths,
    policyQuorum,
    seal,
    certificates: [node, ...certified, officer] as const,
    signers: [...signers, ...authoritySigners, officerSigner],
  }
}

/** A witness without this file has lost what it counted. */
export function beginCount(paths: NodePaths, { witnessKey }: NodeCertificate): void {
  const key = toHex(parseVerifierKey(witnessKey).publicKey)
  createWitnessCountFile(paths.witnessCount).write({ key, count: 0 })
}

export function configOf(
  options: Omit<InitOptions, 'folder' | 'keysDir' | 'authorities' | 'policyQuorum'>,
): NodeConfig {
  const { nation, organisation, exercise } = options
  if (!isNation(nation))
    throw new SetupError(
      'NATION_UNKNOWN',
      `${nation} is not an ISO 3166-1 alpha-3 code, such as NOR`,
    )
  for (const text of [organisation, options.name ?? ''])
    if (!OneLine.safeParse(text).success)
      throw new SetupError(
        'TEXT_FORM',
        'the name of an organisation or node is one line, without control or format characters',
      )
  const listen = parseAddress(options.listen)
  if (listen.startsWith('/dns'))
    throw new SetupError(
      'ADDRESS_FORM',
      `${options.listen}: listen on an IP address; give the name as endpoint`,
    )
  return {
    nation,
    organisation,
    name: options.name ?? `${nation} node`,
    origin: options.origin ?? `${nation.toLowerCase()}.entente.example/release-log/1`,
    listen: [listen],
    endpoints: options.endpoints?.map(parseAddress) ?? [listen].filter(isDialable),
    ...(exercise === undefined ? {} : { exercise }),
  }
}

function checkNothingThere(folder: string, keyPaths: readonly string[]): void {
  if (existsSync(folder) && readdirSync(folder).length > 0)
    throw new SetupError(
      'FOLDER_NOT_EMPTY',
      `${folder} is not empty; init overwrites nothing, choose another folder`,
    )
  const taken = keyPaths.find((path) => existsSync(path))
  if (taken !== undefined)
    throw new SetupError('KEY_EXISTS', `${taken} holds a key already; keys are never overwritten`)
}

/** Makes the node's own keys and says what the root is to certify. */
export function certifyNode(
  config: NodeConfig,
  keysFolder: string,
): { readonly node: NodeCertificate; readonly signers: readonly Ed25519Signer[] } {
  const signers: Ed25519Signer[] = []
  const make = (file: string, type: 'ed25519' | 'x25519' = 'ed25519'): Uint8Array => {
    const key: KeyObject = writeNewKey(join(keysFolder, file), type)
    if (type === 'ed25519') signers.push(createEd25519Signer(key))
    return rawPublicKey(key)
  }
  writeNewBytes(join(keysFolder, 'fragment.key'), randomBytes(32))
  const vkey = (name: string, type: 1 | 4, key: Uint8Array) =>
    formatVerifierKey(createVerifierKey(name, type, key))
  const node: NodeCertificate = {
    role: 'node',
    nation: config.nation,
    serial: 1,
    name: config.name,
    key: toBase64url(make('statement.pem')),
    peerId: peerIdOf(make('identity.pem')),
    origin: config.origin,
    logKey: vkey(config.origin, KEY_TYPE.ed25519, make('log.pem')),
    witnessKey: vkey(witnessNameOf(config.origin), KEY_TYPE.cosignature, make('witness.pem')),
    encryptionKey: toBase64url(make('encryption.pem', 'x25519')),
    endpoints: config.endpoints,
    from: 0,
  }
  return { node, signers }
}

function nationFile(
  nation: Nation,
  organisation: string,
  root: { readonly sign: Sign; readonly publicKey: Uint8Array },
  certificates: readonly object[],
  policyQuorum: number,
): NationFile {
  return {
    nation,
    organisation,
    root: toBase64url(root.publicKey),
    policyQuorum,
    certificates: certificates.map((certificate) =>
      signJws(certificateType, certificate, root.sign),
    ),
  }
}

/** Writes a new file, mode 0600. */
export function writeJson(path: string, value: unknown): void {
  writeNew(path, `${JSON.stringify(value, null, 2)}\n`)
}

function writeNew(path: string, text: string): void {
  writeFileSync(path, text, { mode: 0o600, flag: 'wx', flush: true })
}
