import { existsSync } from 'node:fs'
import { createEd25519Signer, type Ed25519Signer } from '../adapters/ed25519.ts'
import { newPassphrase } from '../keys/at-rest/passphrases.ts'
import { readSigner, writeNewKey } from './key-file.ts'

/**
 * Signer of a supplier's own key, which is made unless it is there. It belongs to the supplier alone: no node, roster or authority has it.
 * @throws {SetupError} `KEY_FORM`, `KEY_EXPOSED`
 */
export const supplierSigner = (path: string): Ed25519Signer =>
  existsSync(path)
    ? readSigner(path)
    : createEd25519Signer(writeNewKey(path, 'ed25519', newPassphrase(path)))
