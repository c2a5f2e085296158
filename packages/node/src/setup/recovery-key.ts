import { existsSync, renameSync, writeFileSync } from 'node:fs'
import { dirname, isAbsolute, relative, resolve, sep } from 'node:path'
import { toBase64url } from '@entente/schema'
import { rawPublicKey } from '../adapters/ed25519.ts'
import { newPassphrase } from '../keys/at-rest/passphrases.ts'
import { makeFolder } from '../make-folder.ts'
import { readConfig } from './config.ts'
import { writeNewKey } from './key-file.ts'
import { pathsOf } from './paths.ts'
import { SetupError } from './setup-error.ts'

/**
 * Makes the nation's recovery key outside of the node's folder, and tells the node the public half of it and where its
 * backups go. The node cannot read what it backs up.
 * @returns X25519 public key, base64url
 * @throws {SetupError} `KEY_EXISTS`, `PLACE_INSIDE`, `CONFIG_MISSING`, `CONFIG_FORM`, `BACKUP_SET`
 */
export function makeRecoveryKey(request: {
  readonly folder: string
  readonly keyPath: string
  readonly backupFolder: string
}): string {
  const { folder, keyPath, backupFolder } = request
  const path = pathsOf(folder).config
  const config = readConfig(path)
  if (config.backup !== undefined)
    throw new SetupError(
      'BACKUP_SET',
      `${path} names a recovery key already, and what is backed up is for that key: take \`backup\` out of it by hand to begin another`,
    )
  for (const place of [keyPath, backupFolder])
    if (isInside(folder, place))
      throw new SetupError(
        'PLACE_INSIDE',
        `${place} lies in the node's folder, and would be lost with it: choose another place`,
      )
  makeFolder(backupFolder, 0o700)
  if (!existsSync(dirname(keyPath))) makeFolder(dirname(keyPath), 0o700)
  const key = toBase64url(rawPublicKey(writeNewKey(keyPath, 'x25519', newPassphrase(keyPath))))
  const next = { ...config, backup: { folder: resolve(backupFolder), key } }
  writeFileSync(`${path}.new`, `${JSON.stringify(next, null, 2)}\n`, { mode: 0o600, flush: true })
  renameSync(`${path}.new`, path)
  return key
}

function isInside(folder: string, place: string): boolean {
  const way = relative(resolve(folder), resolve(place))
  return way === '' || (!isAbsolute(way) && way.split(sep)[0] !== '..')
}
