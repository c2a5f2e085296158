import { chmodSync, existsSync, readdirSync } from 'node:fs'
import { join } from 'node:path'
import {
  type DraftingCertificate,
  keyBytes,
  NationFile,
  type NodeCertificate,
  signJws,
} from '@entente/schema'
import { makeFolderKey } from '../keys/at-rest/secret-file.ts'
import { makeFolder } from '../make-folder.ts'
import { beginCount, certifyNode, configOf, writeJson } from './init-node.ts'
import { readSigner } from './key-file.ts'
import { nodeRequestType } from './node-request.ts'
import { pathsOf } from './paths.ts'
import { readJson } from './read-json.ts'
import { SetupError } from './setup-error.ts'

export interface JoinOptions {
  readonly folder: string
  /** Nation file of the nation whose further node this is. */
  readonly nationFile: string
  /** `host:port` or a multiaddr. Port 0: this node dials and is not dialled. */
  readonly listen: string
  readonly endpoints?: readonly string[]
  readonly name: string
  /** It only drafts, and has no log. Else it has one, of `origin`. */
  readonly drafts?: boolean
  readonly origin?: string
  readonly exercise?: string
  /** Encrypts the keys of the folder; absent: they lie open. */
  readonly passphrase?: string
}

/** What was made. Paths and public keys only. */
export interface JoinResult {
  readonly nation: string
  readonly folder: string
  readonly peerId: string
  readonly key: string
  /** The log of its own, or null. */
  readonly origin: string | null
  /** Root of the nation whose file was read, 32 bytes: to compare by voice. */
  readonly root: Uint8Array
  /** What the root is to certify. */
  readonly requestPath: string
}

/**
 * Makes the folder and keys of a further node of a nation, and what the nation's root is asked to certify, signed by the new node's
 * own key. It may serve once a roster names it. Overwrites nothing.
 * @throws {SetupError} `ROSTER_UNREADABLE`, `ADDRESS_FORM`, `FOLDER_NOT_EMPTY`, `NODE_EXISTS` (the log is another node's)
 */
export function joinNation(options: JoinOptions): JoinResult {
  const { folder, name, drafts = false } = options
  const file = readNationFile(options.nationFile)
  const { nation, organisation } = file
  const slug =
    name
      .toLowerCase()
      .replace(/[^a-z0-9]+/g, '-')
      .replace(/^-|-$/g, '') || 'node'
  const origin = options.origin ?? `${nation.toLowerCase()}.entente.example/${slug}/release-log/1`
  const config = {
    ...configOf({ ...options, nation, organisation, origin }),
    ...(drafts && { drafts: true as const }),
  }
  if (existsSync(folder) && readdirSync(folder).length > 0)
    throw new SetupError(
      'FOLDER_NOT_EMPTY',
      `${folder} is not empty; init overwrites nothing, choose another folder`,
    )
  const paths = pathsOf(folder)
  for (const each of [folder, paths.keys]) makeFolder(each, 0o700)
  chmodSync(folder, 0o700)
  if (options.passphrase !== undefined) makeFolderKey(paths.keys, options.passphrase)
  const made: NodeCertificate = { ...certifyNode(config, paths.keys).node, roles: ['releaser'] }
  const { key, peerId, endpoints, serial } = made
  const drafting: DraftingCertificate = {
    role: 'drafting-node',
    nation,
    serial,
    name,
    key,
    peerId,
    endpoints,
  }
  beginCount(paths, made)
  const requestPath = join(folder, `${nation}.${slug}.node-request.json`)
  const { sign } = readSigner(join(paths.keys, 'statement.pem'))
  writeJson(requestPath, { request: signJws(nodeRequestType, drafts ? drafting : made, sign) })
  writeJson(join(folder, `${nation}.nation.json`), file)
  writeJson(paths.config, config)
  return {
    nation,
    folder,
    peerId,
    key,
    origin: drafts ? null : origin,
    root: keyBytes(file.root),
    requestPath,
  }
}

function readNationFile(path: string): NationFile {
  const refuse = (reason: string) => new SetupError('ROSTER_UNREADABLE', `${path}: ${reason}`)
  const input = readJson(path, { missing: () => refuse('no such file'), form: refuse })
  const parsed = NationFile.safeParse(input)
  if (parsed.success) return parsed.data
  throw refuse('it is no nation file: name the NATION.nation.json of the nation to join')
}
