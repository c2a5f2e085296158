import { writeFileSync } from 'node:fs'
import { readSigner, writeNewKey } from '@entente/node'
import {
  createVerifierKey,
  equalBytes,
  formatVerifierKey,
  KEY_TYPE,
  parseVerifierKey,
  type Signer,
} from '@entente/tlog'
import { CliError } from '../cli-error.ts'
import { readText, refuseExisting } from '../files.ts'

/** Where the verifier key of a key file stands. */
const vkeyPath = (path: string): string => `${path}.vkey`

/**
 * Makes an auditor's key (PEM, mode 0600) and writes its verifier key beside it.
 * @param name of the auditor, as it stands in signed notes: no space, no `+`
 * @returns the verifier key
 * @throws {SetupError} `KEY_EXISTS`
 * @throws {VerificationError} `VKEY_MALFORMED`: the name is not fit
 */
export function makeAuditorKey(path: string, name: string): string {
  refuseExisting(vkeyPath(path))
  // A name that is not fit must not leave a key behind.
  createVerifierKey(name, KEY_TYPE.ed25519, new Uint8Array(32))
  writeNewKey(path, 'ed25519')
  const { publicKey } = readSigner(path)
  const vkey = formatVerifierKey(createVerifierKey(name, KEY_TYPE.ed25519, publicKey))
  writeFileSync(vkeyPath(path), `${vkey}\n`, { flag: 'wx' })
  return vkey
}

/** @throws {SetupError} `KEY_MISSING`, `KEY_EXPOSED`, `KEY_FORM` @throws {CliError} `FILE_FORM`: vkey of another key */
export function readAuditorSigner(path: string): Signer {
  const { publicKey, sign } = readSigner(path)
  const key = parseVerifierKey(readText(vkeyPath(path)).trim())
  if (!equalBytes(key.publicKey, publicKey))
    throw new CliError('FILE_FORM', `${vkeyPath(path)} is not the verifier key of ${path}`)
  return { key, sign }
}
