import { existsSync, readdirSync } from 'node:fs'
import { join } from 'node:path'
import { pathsOf } from '../../setup/paths.ts'
import { SetupError } from '../../setup/setup-error.ts'
import { newPassphrase } from './passphrases.ts'
import {
  changeFolderPassphrase,
  FOLDER_KEY,
  isEncrypted,
  makeFolderKey,
  rewriteSecret,
} from './secret-file.ts'

/** Which keys: those of a node, or one that lies elsewhere, such as the root's. */
export type KeysAt = { readonly folder: string } | { readonly file: string }

/**
 * Encrypts keys that lie open. Cut off anywhere, every key is still there, open or encrypted, and the next run does the rest. What an open
 * file had on the disk may be found there until it is written over: make new keys if that matters.
 * @param onFile called before each file; tests cut it off there
 * @returns the files that were encrypted now
 * @throws {SetupError} `PASSPHRASE_MISSING`, `PASSPHRASE_WEAK`, `PASSPHRASE_WRONG`, `KEY_EXISTS` (all encrypted already), `KEY_MISSING`
 */
export function encryptKeys(at: KeysAt, onFile: (path: string) => void = () => {}): string[] {
  if ('file' in at) {
    if (isEncrypted(at.file))
      throw new SetupError('KEY_EXISTS', `${at.file} is encrypted already: entente key passphrase`)
    onFile(at.file)
    rewriteSecret(at.file, mustBeNew(at.file))
    return [at.file]
  }
  const { keys } = pathsOf(at.folder)
  const open = keyFiles(keys).filter((path) => !isEncrypted(path))
  if (open.length === 0)
    throw new SetupError(
      'KEY_EXISTS',
      `the keys in ${keys} are encrypted already: entente key passphrase`,
    )
  // First, so that nothing is ever under a key that is not on the disk.
  if (!existsSync(join(keys, FOLDER_KEY))) makeFolderKey(keys, mustBeNew(keys))
  for (const path of open) {
    onFile(path)
    rewriteSecret(path, null)
  }
  return open
}

/** Puts keys that are encrypted under another passphrase. @throws as {@link encryptKeys}, and `KEY_MISSING` when they lie open */
export function changePassphrase(at: KeysAt): void {
  if ('folder' in at) {
    const { keys } = pathsOf(at.folder)
    changeFolderPassphrase(keys, () => mustBeNew(keys))
    return
  }
  if (!isEncrypted(at.file))
    throw new SetupError('KEY_MISSING', `${at.file} is not encrypted: entente key encrypt`)
  rewriteSecret(at.file, mustBeNew(at.file))
}

/** @throws {SetupError} `PASSPHRASE_MISSING`, `PASSPHRASE_WEAK` */
export function mustBeNew(path: string): string {
  const passphrase = newPassphrase(path)
  if (passphrase !== null) return passphrase
  throw new SetupError(
    'PASSPHRASE_MISSING',
    `nobody can be asked for a passphrase for ${path}: run this at a terminal, or give --passphrase-fd N`,
  )
}

const keyFiles = (folder: string): readonly string[] =>
  readdirSync(folder)
    .filter((file) => /\.(pem|key)$/.test(file))
    .sort()
    .map((file) => join(folder, file))
