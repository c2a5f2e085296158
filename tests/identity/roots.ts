import { readFileSync } from 'node:fs'
import { join } from 'node:path'
import {
  buildRoster,
  type Ed25519Signer,
  initRoot,
  installRoster,
  loadOwn,
  readSigner,
  selfOf,
  signRoster,
  succeedRoot,
  verifyEd25519,
} from '@entente/node'
import { type Nation, type NationFile, type RosterFile, toBase64url } from '@entente/schema'
import type { Federation } from '../support/federation.ts'

/** When every succession of these tests was signed, ms. */
export const atMs = Date.UTC(2026, 8, 1)
export const keyOf = (signer: Pick<Ed25519Signer, 'publicKey'>): string =>
  toBase64url(signer.publicKey)

/** A roster of these files, signed by these roots. */
export const edition = (
  number: number,
  files: readonly NationFile[],
  roots: readonly Ed25519Signer[],
): RosterFile =>
  roots.reduce(
    (roster, by) => signRoster(roster, by),
    buildRoster(files, { number }, verifyEd25519),
  )

export function codeOf(work: () => unknown): string | null {
  try {
    work()
    return null
  } catch (error) {
    return (error as { code?: string }).code ?? String(error)
  }
}

/** Roots and nation files of a federation, in which NOR gives its root to another key. */
export function rootsOf(federation: Pick<Federation, 'root' | 'folder' | 'rootKey'>) {
  let made = 0
  const nationPath = (nation: Nation) => join(federation.folder(nation), `${nation}.nation.json`)
  const fileOf = (nation: Nation) =>
    JSON.parse(readFileSync(nationPath(nation), 'utf8')) as NationFile
  const root = (nation: Nation) => readSigner(federation.rootKey(nation))
  return {
    nationPath,
    fileOf,
    root,
    newRoot: (): Ed25519Signer => {
      const keysDir = join(federation.root, `new-${made++}`)
      return readSigner(initRoot({ nation: 'NOR', keysDir, passphrase: null }).rootKeyPath)
    },
    succeeded: (to: Ed25519Signer, from = root('NOR'), file = fileOf('NOR')): NationFile =>
      succeedRoot(file, from, to, { atMs, reason: 'ten years old' }).file,
    install: (nation: Nation, roster: RosterFile) => {
      const own = loadOwn(federation.folder(nation))
      return installRoster(own.rosterPath, roster, selfOf(own))
    },
  }
}
