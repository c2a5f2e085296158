import { existsSync } from 'node:fs'
import { join } from 'node:path'
import { createVerifierKey, formatVerifierKey, KEY_TYPE, type Signer } from '@entente/tlog'
import { createEd25519Signer } from '../adapters/ed25519.ts'
import type { NodeConfig } from '../setup/config.ts'
import { readKey, writeNewKey } from '../setup/key-file.ts'
import { logKeyFile, pathsOf } from '../setup/paths.ts'

/** The log that follows the one a node has. */
export interface NextLog {
  readonly epoch: number
  readonly origin: string
  readonly signer: Signer
  /** In signed-note form. */
  readonly logKey: string
}

/** Names the log that follows, and makes its key where there is none yet: a second try goes on with the same. */
export function prepareNextLog(folder: string, config: NodeConfig): NextLog {
  const epoch = (config.epoch ?? 1) + 1
  const origin = originAfter(config.origin, epoch)
  const path = join(pathsOf(folder).keys, logKeyFile(epoch))
  const key = createEd25519Signer(existsSync(path) ? readKey(path) : writeNewKey(path, 'ed25519'))
  const verifier = createVerifierKey(origin, KEY_TYPE.ed25519, key.publicKey)
  return {
    epoch,
    origin,
    signer: { key: verifier, sign: key.sign },
    logKey: formatVerifierKey(verifier),
  }
}

/** `…/1` becomes `…/2`; an origin that does not end in a number gets one. */
function originAfter(origin: string, epoch: number): string {
  const [, head, number] = /^(.*)\/(\d{1,9})$/.exec(origin) ?? []
  return head === undefined ? `${origin}/${epoch}` : `${head}/${Number(number) + 1}`
}
