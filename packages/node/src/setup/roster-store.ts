import { existsSync, renameSync, writeFileSync } from 'node:fs'
import { dirname } from 'node:path'
import {
  canonicalJson,
  type Member,
  type NodeCertificate,
  openRoster,
  type Roster,
  rootsIn,
  toBase64url,
} from '@entente/schema'
import { verifyEd25519 } from '../adapters/ed25519.ts'
import { checkCertifiedIn } from './check-certified.ts'
import { checkOwnIn, checkRoots, type KnownRoots } from './check-roots.ts'
import { readJson } from './read-json.ts'
import { SetupError } from './setup-error.ts'
import { syncFolder } from './sync-folder.ts'

/** Keys by which a node finds itself in a roster. */
export interface Self {
  readonly nation: string
  readonly statementKeys: readonly string[]
  readonly peerId: string
  /** Peer id that waits for the roster that names it, or null. */
  readonly nextPeerId: string | null
  readonly logKey: string
  readonly witnessKey: string
  /** The key that waits for the roster that names it, or null. */
  readonly nextWitnessKey: string | null
  readonly origin: string
  /** Whether it only drafts, and has no log. */
  readonly drafts: boolean
  /** How many leaves its log has. */
  readonly leaves: number
  /** Roots of the nation by its own nation file, base64url, the present one last; null: there is no file yet, and no roster. */
  readonly ownRoots: () => readonly string[] | null
}

/** Opens the installed roster, or null before one is installed. @throws {RosterError} {@link SetupError} `ROSTER_UNREADABLE`, `ROSTER_NOT_OURS` */
export function loadRoster(path: string, self: Self): Roster | null {
  if (!existsSync(path)) return null
  return openOwnRoster(readRosterJson(path), self)
}

/**
 * Makes a roster the one this node trusts, all signatures checked first.
 * @param known what else is known here of roots: the evidence that this node keeps, and whose other root people have let in
 * @throws {RosterError} when it must not be trusted
 * @throws {SetupError} `ROSTER_NOT_OURS`, `ROSTER_OLD`, `ROSTER_FORGETS`, `ROSTER_REFUSED`, `KEY_LATE`, `ROOT_NOT_OURS`, `ROOT_CHANGED`, `ROOT_TWICE`,
 * `ROOT_SUCCEEDED`
 */
export function installRoster(
  path: string,
  input: unknown,
  self: Self,
  known: KnownRoots = {},
): Roster {
  const roster = openOwnRoster(input, self)
  const { number } = roster.witnessPolicy
  // It may name a log, or a key, that this node no longer has.
  const installed = existsSync(path) ? openRoster(readRosterJson(path), verifyEd25519) : null
  const inForce = installed?.witnessPolicy.number ?? 0
  const same = installed !== null && canonicalJson(readRosterJson(path)) === canonicalJson(input)
  if (!same && number <= inForce)
    throw new SetupError(
      'ROSTER_OLD',
      `roster ${number} is not newer than roster ${inForce}, which is in force`,
    )
  const ownRoots = self.ownRoots()
  if (ownRoots !== null) checkOwnIn(roster, self.nation, ownRoots)
  if (installed !== null) {
    checkRoots(installed, roster, known)
    checkNothingForgotten(installed, roster)
    checkKeyInTime(installed, roster, self)
  }
  const refused = refusedOf(path)
  if (existsSync(refused) && canonicalJson(readRosterJson(refused)) === canonicalJson(input))
    throw new SetupError(
      'ROSTER_REFUSED',
      `this node did not open with roster ${number}, and went back to the one before: to try again, delete ${refused}`,
    )
  // The oldest that is there: the node was last opened with it.
  if (!same && !existsSync(beforeOf(path)))
    write(beforeOf(path), installed === null ? null : readRosterJson(path))
  write(path, input)
  return roster
}

/** The roster that the node was last opened with, null for none, until it has opened with the new one. */
export const beforeOf = (path: string): string => `${path}.before`

/** The roster that the node did not open with. */
export const refusedOf = (path: string): string => `${path}.refused`

function write(path: string, roster: unknown): void {
  writeFileSync(`${path}.new`, `${JSON.stringify(roster, null, 2)}\n`, {
    mode: 0o600,
    flush: true,
  })
  renameSync(`${path}.new`, path)
  syncFolder(dirname(path))
}

/** A revocation stays: who leaves it out would have what it has revoked believed again. */
function checkNothingForgotten(installed: Roster, next: Roster): void {
  for (const [nation, member] of installed.members) {
    const now = next.members.get(nation)
    // Under another root nothing of the old one can be shown any more.
    if (now === undefined || !rootsIn(now).includes(toBase64url(member.root))) continue
    const known = new Set(now.revocations.map((revocation) => canonicalJson(revocation)))
    const lost = member.revocations.find((revocation) => !known.has(canonicalJson(revocation)))
    if (lost !== undefined)
      throw new SetupError(
        'ROSTER_FORGETS',
        `this roster lacks the revocation of key ${lost.key} of ${nation}: build it with the newest nation file of ${nation}`,
      )
  }
}

/** A new key of ours begins at a leaf that is not there yet; those before it are signed by the old one. */
function checkKeyInTime(installed: Roster, next: Roster, self: Self): void {
  const { nation, origin, leaves } = self
  const before = ownNode(installed.members.get(nation), self)
  const node = ownNode(next.members.get(nation), self)
  if (node === undefined || node.origin !== origin || before?.origin !== origin) return
  if (node.key !== before.key && node.from < leaves)
    throw new SetupError(
      'KEY_LATE',
      `the new statement key holds from leaf ${node.from} on, and the log has ${leaves} leaves already, signed by the old one: run \`entente key rotate\` again, and have a new roster signed`,
    )
}

export function readRosterJson(path: string): unknown {
  const refuse = (reason: string) => new SetupError('ROSTER_UNREADABLE', `${path}: ${reason}`)
  return readJson(path, { missing: () => refuse('no such file'), form: refuse })
}

export function openOwnRoster(input: unknown, self: Self): Roster {
  const roster = openRoster(input, verifyEd25519)
  checkCertifiedIn(roster)
  checkOurs(roster, self)
  return roster
}

/** @throws {SetupError} `ROSTER_NOT_OURS` unless the roster certifies the keys of this node */
export function checkOurs(roster: Roster, self: Self): void {
  const member = roster.members.get(self.nation)
  if (member === undefined)
    throw new SetupError(
      'ROSTER_NOT_OURS',
      `${self.nation} is not in this roster; hand its nation file to whoever builds it`,
    )
  if (self.drafts) {
    const { statementKeys, peerId } = self
    if (member.drafting.some((d) => d.peerId === peerId && statementKeys.includes(d.key))) return
    throw new SetupError(
      'ROSTER_NOT_OURS',
      `the roster certifies no drafting node of ${self.nation} that is this one: have the root certify its request with \`entente key certify-node\``,
    )
  }
  const node = ownNode(member, self)
  const ours =
    node !== undefined &&
    node.origin === self.origin &&
    self.statementKeys.includes(node.key) &&
    (node.peerId === self.peerId || node.peerId === self.nextPeerId) &&
    node.logKey === self.logKey &&
    (node.witnessKey === self.witnessKey || node.witnessKey === self.nextWitnessKey)
  if (!ours)
    throw new SetupError(
      'ROSTER_NOT_OURS',
      `the roster certifies another node of ${self.nation} than this one`,
    )
}

/** The certificate of this node among those of its nation: the one of its peer, else that of the main node. */
const ownNode = (member: Member | undefined, { peerId }: Self): NodeCertificate | undefined =>
  member?.further.find((node) => node.peerId === peerId) ?? member?.node
