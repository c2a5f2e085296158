import { randomBytes } from 'node:crypto'
import {
  existsSync,
  linkSync,
  readFileSync,
  renameSync,
  rmSync,
  statSync,
  unlinkSync,
  writeFileSync,
} from 'node:fs'
import { dirname, join } from 'node:path'
import { fromUtf8, utf8 } from '@entente/schema'
import { SetupError } from '../../setup/setup-error.ts'
import { syncFolder } from '../../setup/sync-folder.ts'
import {
  decryptWithKey,
  decryptWithPassphrase,
  encryptWithKey,
  encryptWithPassphrase,
  headerOf,
  isJwe,
  keyId,
} from './jwe.ts'
import { withPassphrase } from './passphrases.ts'

/** The key of a folder of keys, 32 random bytes, under the folder's one passphrase; every other file there is under this key. */
export const FOLDER_KEY = 'folder-key.jwe'

/** Folder keys that have been opened, by the file's text: another passphrase is another text. */
const opened = new Map<string, Uint8Array>()

/** Reads the text of a key file, encrypted or not. @throws {SetupError} `KEY_MISSING`, `KEY_EXPOSED`, `KEY_FORM`, `PASSPHRASE_MISSING`, `PASSPHRASE_WRONG` */
export function readSecret(path: string): string {
  const text = readOwn(path)
  if (!isJwe(text)) return text
  const jwe = text.trimEnd()
  const header = headerOf(jwe)
  if (header === null)
    throw new SetupError(
      'KEY_FORM',
      `${path} is encrypted in a way that this version does not know`,
    )
  if (header.alg !== 'dir')
    return withPassphrase(path, (passphrase) => {
      const plain = decryptWithPassphrase(passphrase, jwe)
      return plain === null ? null : fromUtf8(plain)
    })
  const key = folderKeyOf(dirname(path))
  if (key === null)
    throw new SetupError(
      'KEY_MISSING',
      `${path} is encrypted under ${join(dirname(path), FOLDER_KEY)}, which is missing`,
    )
  const plain = decryptWithKey(key, jwe)
  if (plain !== null) return fromUtf8(plain)
  throw new SetupError(
    'KEY_FORM',
    header.kid === keyId(key)
      ? `${path} has been changed since it was encrypted`
      : `${path} is encrypted under another folder key than the one beside it`,
  )
}

/**
 * Writes the text of a key file, mode 0600, where none is yet: encrypted under the passphrase when one is given, else under the folder's
 * key where the folder has one.
 * @throws {SetupError} `KEY_EXISTS`, `PASSPHRASE_MISSING`, `PASSPHRASE_WRONG`
 */
export function writeNewSecret(path: string, text: string, passphrase?: string | null): void {
  // Before anybody is asked for a passphrase.
  if (existsSync(path)) throw keyExists(path)
  putNew(path, protect(path, text, passphrase ?? null))
}

/** Whole or not at all, and never over another. @throws {SetupError} `KEY_EXISTS` */
function putNew(path: string, text: string): void {
  writeBeside(path, text)
  try {
    linkSync(`${path}.new`, path)
  } catch (error) {
    throw (error as NodeJS.ErrnoException).code === 'EEXIST' ? keyExists(path) : error
  } finally {
    unlinkSync(`${path}.new`)
  }
  syncFolder(dirname(path))
}

/** Puts a text in the place of another, whole or not at all. */
function replace(path: string, text: string): void {
  writeBeside(path, text)
  renameSync(`${path}.new`, path)
  syncFolder(dirname(path))
}

/**
 * Writes what takes a place next. What lies there is left over from a process that was killed, and may be the key itself under a second
 * name: written over in place, the key would be gone.
 */
function writeBeside(path: string, text: string): void {
  rmSync(`${path}.new`, { force: true })
  writeFileSync(`${path}.new`, text, { mode: 0o600, flush: true, flag: 'wx' })
}

/** Encrypts a key file again, or for the first time, whole or not at all. @throws as {@link readSecret} */
export function rewriteSecret(path: string, passphrase: string | null): void {
  replace(path, protect(path, readSecret(path), passphrase))
}

/** Gives a folder, which has none, a key of its own under a passphrase. Files that lie there already stay as they are. */
export function makeFolderKey(folder: string, passphrase: string): void {
  const key = new Uint8Array(randomBytes(32))
  const text = `${encryptWithPassphrase(passphrase, key)}\n`
  putNew(join(folder, FOLDER_KEY), text)
  opened.set(text, key)
}

/** Puts the folder's key under another passphrase; no other file changes. @throws {SetupError} `KEY_MISSING`, `PASSPHRASE_MISSING`, `PASSPHRASE_WRONG` */
export function changeFolderPassphrase(folder: string, passphrase: () => string): void {
  const path = join(folder, FOLDER_KEY)
  const key = folderKeyOf(folder)
  if (key === null)
    throw new SetupError(
      'KEY_MISSING',
      `the keys in ${folder} are not encrypted: entente key encrypt`,
    )
  replace(path, `${encryptWithPassphrase(passphrase(), key)}\n`)
}

/** Whether a key file is encrypted, as it lies there. @throws {SetupError} `KEY_MISSING`, `KEY_EXPOSED` */
export const isEncrypted = (path: string): boolean => isJwe(readOwn(path))

const keyExists = (path: string): SetupError =>
  new SetupError('KEY_EXISTS', `${path} holds a key already; keys are never overwritten`)

function protect(path: string, text: string, passphrase: string | null): string {
  if (passphrase !== null) return `${encryptWithPassphrase(passphrase, utf8(text))}\n`
  const key = folderKeyOf(dirname(path))
  return key === null ? text : `${encryptWithKey(key, utf8(text))}\n`
}

/** Null: the folder has none. */
function folderKeyOf(folder: string): Uint8Array | null {
  const path = join(folder, FOLDER_KEY)
  if (!existsSync(path)) return null
  const text = readOwn(path)
  const known = opened.get(text)
  if (known !== undefined) return known
  if (!isJwe(text))
    throw new SetupError(
      'KEY_FORM',
      `${path} is no encrypted key: put it back from a backup; where no key beside it is encrypted yet, delete it and run entente key encrypt again`,
    )
  const key = withPassphrase(path, (passphrase) =>
    decryptWithPassphrase(passphrase, text.trimEnd()),
  )
  if (key.length !== 32) throw new SetupError('KEY_FORM', `${path} does not hold a folder key`)
  opened.set(text, key)
  return key
}

function readOwn(path: string): string {
  const stat = statSync(path, { throwIfNoEntry: false })
  if (stat === undefined) throw new SetupError('KEY_MISSING', `the key ${path} is missing`)
  if (process.platform !== 'win32' && (stat.mode & 0o077) !== 0)
    throw new SetupError('KEY_EXPOSED', `others can read the key ${path}; run chmod 600 on it`)
  return readFileSync(path, 'utf8')
}
