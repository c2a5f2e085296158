import { existsSync } from 'node:fs'
import { join } from 'node:path'
import { fromUtf8, keyBytes, peekJws, toBase64url } from '@entente/schema'
import type { Ed25519Signer } from '../adapters/ed25519.ts'
import { readSigner } from '../setup/key-file.ts'
import { loadOwn } from '../setup/node-folder.ts'
import { believedRoots, readNationFile } from '../setup/own-nation-file.ts'
import { logKeyFile, pathsOf } from '../setup/paths.ts'
import { notePending } from './pending.ts'
import { formatRequest, RootDocument, type RootRequest } from './request.ts'

/** Thrown in place of a signature: what the root would have signed. */
class Asked extends Error {
  readonly document: RootDocument
  constructor(document: RootDocument) {
    super('the root is on another computer')
    this.document = document
  }
}

interface Asking {
  readonly atMs: number
  /** Keys of persons that the request names. */
  readonly keyPaths?: readonly string[]
  /** How many words of the root it takes; 1 unless said. */
  readonly words?: number
  /** Whether it only takes back: then the newest root that partners believe is asked, which may be the one before. */
  readonly takesBack?: boolean
}

/**
 * Runs what needs the root up to where it would sign, and writes a request to sign just that; nothing has changed until the answer is
 * installed. Keys that were made on the way stay, and are taken by the next try.
 * @param act calls the root before it writes anything
 * @returns text of the request, for `root sign`
 * @throws {SetupError} whatever `act` throws, `KEY_MISSING`
 */
export function askRoot(
  folder: string,
  act: (root: Ed25519Signer) => unknown,
  { atMs, keyPaths = [], words = 1, takesBack = false }: Asking,
): { readonly text: string; readonly request: RootRequest } {
  const own = loadOwn(folder)
  const { nation, organisation } = own.config
  const place = { folder, nation, rosterPath: own.rosterPath }
  const file = readNationFile(place)
  const documents: RootDocument[] = []
  const asked = new Set<string>()
  const root: Ed25519Signer = {
    publicKey: keyBytes((takesBack ? believedRoots(place).at(-1) : undefined) ?? file.root),
    sign: (message) => {
      const text = fromUtf8(message)
      // Asked for in an earlier round: now to the next, before anything is written.
      if (asked.has(text)) return new Uint8Array(64)
      asked.add(text)
      const { typ, payload } = peekJws(`${text}.`)
      throw new Asked(RootDocument.parse({ type: typ, document: payload }))
    },
  }
  while (documents.length < words) documents.push(documentOf(() => act(root)))
  const { keys, nextWitnessSigner, nextIdentity } = loadOwn(folder)
  const request: RootRequest = {
    nation,
    organisation,
    at: atMs,
    by: toBase64url(own.keys.statement.publicKey),
    policyQuorum: file.policyQuorum,
    documents,
  }
  const text = formatRequest(request, [
    ...keys.statements,
    keys.log,
    keys.witness,
    keys.identity,
    ...(nextWitnessSigner === null ? [] : [nextWitnessSigner]),
    ...(nextIdentity === null ? [] : [nextIdentity]),
    ...nextLogSigners(folder, own.config.epoch),
    ...keyPaths.map(readSigner),
  ])
  notePending(folder, text)
  return { text, request }
}

/** Of the log that follows, where its key has been made. */
function nextLogSigners(folder: string, epoch = 1): readonly Ed25519Signer[] {
  const path = join(pathsOf(folder).keys, logKeyFile(epoch + 1))
  return existsSync(path) ? [readSigner(path)] : []
}

function documentOf(act: () => unknown): RootDocument {
  try {
    act()
  } catch (error) {
    if (error instanceof Asked) return error.document
    throw error
  }
  throw new Error('nothing was asked of the root')
}
