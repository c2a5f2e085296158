import { existsSync } from 'node:fs'
import { join } from 'node:path'
import { NationFile, nationsDigest, openMember, type Roster } from '@entente/schema'
import { verifyEd25519 } from '../adapters/ed25519.ts'
import { NodeError } from '../errors.ts'
import { FRESHNESS_MS, TOLERANCE_MS } from './build-roster.ts'
import { checkCertified } from './check-certified.ts'
import { type NodeFolder, selfOf } from './node-folder.ts'
import { readJson } from './read-json.ts'
import { checkOurs } from './roster-store.ts'
import { SetupError } from './setup-error.ts'

/** Number of the witness policy of a node that is alone: no root has signed one yet, and the first has number 1. */
export const SOLO = 0

/**
 * What a node goes by before any roster is installed: its own nation file, and nobody else. It releases nothing, because nobody
 * can cosign, and it is never written: the first roster that is installed takes its place.
 * @throws {NodeError} `NO_ROSTER` when the root has certified nothing yet
 * @throws {SetupError} `ROSTER_UNREADABLE`, `ROSTER_NOT_OURS` @throws {RosterError}
 */
export function soloRoster(own: Omit<NodeFolder, 'roster'>): Roster {
  const { nation } = own.config
  const path = join(own.folder, `${nation}.nation.json`)
  if (!existsSync(path))
    throw new NodeError(
      'NO_ROSTER',
      `this node has neither a roster nor a certificate of its root: ${path} is missing`,
    )
  const refuse = (reason: string) => new SetupError('ROSTER_UNREADABLE', `${path}: ${reason}`)
  const parsed = NationFile.safeParse(
    readJson(path, { missing: () => refuse('no such file'), form: refuse }),
  )
  if (!parsed.success) throw refuse('it is no nation file')
  const member = openMember(parsed.data, verifyEd25519)
  checkCertified(member)
  const roster: Roster = {
    members: new Map([[nation, member]]),
    witnessPolicy: {
      number: SOLO,
      nations: nationsDigest([parsed.data]),
      witnesses: [{ nation, key: member.node.witnessKey }],
      quorum: 1,
      toleranceMs: TOLERANCE_MS,
      freshnessMs: FRESHNESS_MS,
    },
  }
  checkOurs(roster, selfOf(own))
  return roster
}
