import { existsSync } from 'node:fs'
import { join } from 'node:path'
import { isNation, type Nation } from '@entente/schema'
import { rawPublicKey } from '../adapters/ed25519.ts'
import { makeFolder } from '../make-folder.ts'
import { writeNewKey } from '../setup/key-file.ts'
import { SetupError } from '../setup/setup-error.ts'

/**
 * Makes the root key of a nation and nothing else, on a computer that has no node and no network.
 * @param passphrase null: the key lies open, mode 0600
 * @throws {SetupError} `NATION_UNKNOWN`, `KEY_EXISTS`
 */
export function initRoot(request: {
  readonly nation: Nation
  readonly keysDir: string
  readonly passphrase: string | null
}): { readonly rootKeyPath: string; readonly root: Uint8Array } {
  const { nation, keysDir, passphrase } = request
  if (!isNation(nation))
    throw new SetupError(
      'NATION_UNKNOWN',
      `${nation} is not an ISO 3166-1 alpha-3 code, such as NOR`,
    )
  if (!existsSync(keysDir)) makeFolder(keysDir, 0o700)
  const rootKeyPath = join(keysDir, `${nation}.root.pem`)
  const key = writeNewKey(rootKeyPath, 'ed25519', passphrase)
  return { rootKeyPath, root: rawPublicKey(key) }
}
