import { existsSync, readdirSync, writeFileSync } from 'node:fs'
import { toHex } from '@entente/schema'
import { createVerifierKey, formatVerifierKey, KEY_TYPE } from '@entente/tlog'
import { z } from 'zod'
import { rawPublicKey } from '../adapters/ed25519.ts'
import { makeFolder } from '../make-folder.ts'
import { writeNewKey } from '../setup/key-file.ts'
import { SetupError } from '../setup/setup-error.ts'
import { createWitnessCountFile } from '../witness/witness-count.ts'
import { WitnessConfig, witnessPaths } from './witness-folder.ts'

export interface NewWitness {
  readonly name: string
  /** What `roster build --witness` takes. */
  readonly key: string
}

/**
 * Makes a witness that belongs to no nation: a folder (0700) with its key (0600) and nothing cosigned. Overwrites nothing.
 * @throws {SetupError} `FOLDER_NOT_EMPTY`, `CONFIG_FORM`
 */
export function initWitness(folder: string, name: string): NewWitness {
  const named = WitnessConfig.shape.name.safeParse(name)
  if (!named.success)
    throw new SetupError('CONFIG_FORM', `${name}: ${z.prettifyError(named.error)}`)
  if (existsSync(folder) && readdirSync(folder).length > 0)
    throw new SetupError(
      'FOLDER_NOT_EMPTY',
      `${folder} is not empty; init overwrites nothing, choose another folder`,
    )
  makeFolder(folder, 0o700)
  const paths = witnessPaths(folder)
  const publicKey = rawPublicKey(writeNewKey(paths.key, 'ed25519'))
  createWitnessCountFile(paths.count).write({ key: toHex(publicKey), count: 0 })
  const key = formatVerifierKey(createVerifierKey(name, KEY_TYPE.cosignature, publicKey))
  // Last, because a folder with a config is a finished one.
  writeFileSync(paths.config, `${JSON.stringify({ name, key }, null, 2)}\n`, {
    mode: 0o600,
    flag: 'wx',
    flush: true,
  })
  return { name, key }
}
