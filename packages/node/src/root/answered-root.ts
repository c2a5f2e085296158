import { existsSync, readFileSync } from 'node:fs'
import { fromBase64url, fromUtf8, keyBytes } from '@entente/schema'
import type { Ed25519Signer } from '../adapters/ed25519.ts'
import { pathsOf } from '../setup/paths.ts'
import { SetupError } from '../setup/setup-error.ts'
import { openAnswer, openRequest } from './request.ts'

/**
 * A root that signs what it has signed already, in its answer to this node's request, and nothing else: for what must be done again to the end
 * with its words.
 * @throws {SetupError} `ROOT_ANSWER_FORM`, `ROOT_ANSWER_DIFFERS`, `ROOT_REQUEST_MISSING`
 */
export function answeredRoot(folder: string, text: string): Ed25519Signer {
  const { rootRequest } = pathsOf(folder)
  if (!existsSync(rootRequest))
    throw new SetupError(
      'ROOT_REQUEST_MISSING',
      `this node has asked nothing of its root: ${rootRequest} is missing`,
    )
  const { root, signed } = openAnswer(text, openRequest(readFileSync(rootRequest, 'utf8')))
  const signatures = new Map(
    signed.map((jws) => [jws.slice(0, jws.lastIndexOf('.')), jws.slice(jws.lastIndexOf('.') + 1)]),
  )
  return {
    publicKey: keyBytes(root),
    sign: (message) => {
      const signature = fromBase64url(signatures.get(fromUtf8(message)) ?? '')
      if (signature?.length === 64) return signature
      throw new SetupError(
        'ROOT_ANSWER_DIFFERS',
        'the root has signed something else than what is to be done now: ask again',
      )
    },
  }
}
