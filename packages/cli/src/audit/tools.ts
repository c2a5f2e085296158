import { hash } from 'node:crypto'
import { verifyEd25519 } from '@entente/node'

/** The platform's cryptography, for an audit. */
export const tools = {
  verify: verifyEd25519,
  hash: (bytes: Uint8Array): Uint8Array => hash('sha256', bytes, 'buffer'),
} as const
