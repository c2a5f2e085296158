import { existsSync, renameSync } from 'node:fs'
import { join } from 'node:path'
import { toHex } from '@entente/schema'
import type { VerifierKey } from '@entente/tlog'
import { createWitnessCountFile } from '../witness/witness-count.ts'
import { pathsOf } from './paths.ts'

/** A new witness key lies here until a roster that names it is installed; the old one serves meanwhile. */
export const NEXT_WITNESS = 'witness.next.pem'

/** A new network identity lies here until a roster that names it is installed. */
export const NEXT_IDENTITY = 'identity.next.pem'

export const hasNextIdentity = (folder: string): boolean =>
  existsSync(join(pathsOf(folder).keys, NEXT_IDENTITY))

/** Puts the new identity in the old one's place, which is gone then. */
export function takeNextIdentity(folder: string): void {
  const { keys } = pathsOf(folder)
  renameSync(join(keys, NEXT_IDENTITY), join(keys, 'identity.pem'))
}

const nextPath = (folder: string): string => join(pathsOf(folder).keys, NEXT_WITNESS)

export const hasNextWitness = (folder: string): boolean => existsSync(nextPath(folder))

/** Puts the new key in the old one's place, which is gone then: nothing is cosigned under it again. */
export function takeNextWitness(folder: string, { publicKey }: VerifierKey): void {
  const paths = pathsOf(folder)
  // First: cut off in between, the old key finds another's count and cosigns nothing, and this is done again.
  createWitnessCountFile(paths.witnessCount).write({ key: toHex(publicKey), count: 0 })
  renameSync(nextPath(folder), join(paths.keys, 'witness.pem'))
}
