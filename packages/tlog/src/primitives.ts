import type { Ed25519Verify } from './ed25519.ts'
import type { Sha256 } from './hash.ts'

/** Faster implementations of what this package does in JavaScript. */
export interface Primitives {
  readonly sha256?: Sha256
  readonly verify?: Ed25519Verify
}
