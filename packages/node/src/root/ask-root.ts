import { fromUtf8, keyBytes, peekJws, toBase64url } from '@entente/schema'
import type { Ed25519Signer } from '../adapters/ed25519.ts'
import { readSigner } from '../setup/key-file.ts'
import { loadOwn } from '../setup/node-folder.ts'
import { readNationFile } from '../setup/own-nation-file.ts'
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

/**
 * Runs what needs the root up to where it would sign, and writes a request to sign just that; nothing has changed until the answer is
 * installed. Keys that were made on the way stay, and are taken by the next try.
 * @param act calls the root once, before it writes anything
 * @param keyPaths keys of persons that the request names
 * @returns text of the request, for `root sign`
 * @throws {SetupError} whatever `act` throws, `KEY_MISSING`
 */
export function askRoot(
  folder: string,
  act: (root: Ed25519Signer) => unknown,
  { atMs, keyPaths = [] }: { readonly atMs: number; readonly keyPaths?: readonly string[] },
): { readonly text: string; readonly request: RootRequest } {
  const own = loadOwn(folder)
  const { nation, organisation } = own.config
  const file = readNationFile({ folder, nation, rosterPath: own.rosterPath })
  const document = documentOf(() =>
    act({
      publicKey: keyBytes(file.root),
      sign: (message) => {
        const { typ, payload } = peekJws(`${fromUtf8(message)}.`)
        throw new Asked(RootDocument.parse({ type: typ, document: payload }))
      },
    }),
  )
  const { keys, nextWitnessSigner, nextIdentity } = loadOwn(folder)
  const request: RootRequest = {
    nation,
    organisation,
    at: atMs,
    by: toBase64url(own.keys.statement.publicKey),
    policyQuorum: file.policyQuorum,
    documents: [document],
  }
  const text = formatRequest(request, [
    ...keys.statements,
    keys.log,
    keys.witness,
    keys.identity,
    ...(nextWitnessSigner === null ? [] : [nextWitnessSigner]),
    ...(nextIdentity === null ? [] : [nextIdentity]),
    ...keyPaths.map(readSigner),
  ])
  notePending(folder, text)
  return { text, request }
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
