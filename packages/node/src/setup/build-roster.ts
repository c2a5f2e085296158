import {
  mainNodeOf,
  NationFile,
  type NeutralWitness,
  nationsDigest,
  openNationCertificates,
  RosterError,
  type RosterFile,
  type Verify,
} from '@entente/schema'
import { KEY_TYPE, parseVerifierKey, VerificationError } from '@entente/tlog'
import { z } from 'zod'

/** δ, and the age at which a checkpoint no longer proves being in sync. */
export const TOLERANCE_MS = 5 * 60_000
export const FRESHNESS_MS = 3 * 3_600_000
const CHALLENGE_MS = 24 * 3_600_000

export interface BuildOptions {
  /** Edition of the witness policy, counted up with every roster. */
  readonly number: number
  readonly quorum?: number
  readonly exercise?: string
  /** Witnesses that are no nation. */
  readonly neutral?: readonly NeutralWitness[]
  /** Send what widens ahead of its quorum, closed. */
  readonly pendingQuorum?: boolean
  /** How long what goes by courier may be on its way. */
  readonly courierMs?: number
  /** Rhythm of answers to requests, ms; an hour unless said. */
  readonly answerMs?: number
}

/**
 * Gathers nation files into a roster whose witnesses are all of them, and neutral ones. No nation has signed it yet.
 * @throws {RosterError} `ROSTER_FORM`, `ROSTER_CERTIFICATE`, `ROSTER_NO_NODE`, `ROSTER_DUPLICATE`
 */
export function buildRoster(
  inputs: readonly unknown[],
  {
    number,
    quorum,
    exercise,
    neutral = [],
    pendingQuorum = false,
    courierMs,
    answerMs,
  }: BuildOptions,
  verify: Verify,
): RosterFile {
  const nations = inputs.map(parseNationFile).sort((a, b) => (a.nation < b.nation ? -1 : 1))
  const twice = nations.find((file, i) => file.nation === nations[i - 1]?.nation)
  if (twice !== undefined)
    throw new RosterError('ROSTER_DUPLICATE', `${twice.nation} stands twice in the roster`)
  for (const witness of neutral) checkNeutral(witness)
  const witnesses = nations.map((file) => ({
    nation: file.nation,
    key: witnessKeyOf(file, verify),
  }))
  return {
    ...(exercise === undefined ? {} : { exercise }),
    nations,
    witnessPolicy: {
      number,
      nations: nationsDigest(nations),
      witnesses: [...witnesses, ...neutral],
      quorum: quorum ?? quorumFor(nations.length, neutral.length),
      toleranceMs: TOLERANCE_MS,
      freshnessMs: FRESHNESS_MS,
      // By courier a question and its answer are two ways, each after the cosignatures of what it is about.
      challengeMs: Math.max(CHALLENGE_MS, 2 * (courierMs ?? 0)),
      ...(answerMs !== undefined && { answerMs }),
      ...(pendingQuorum && { pendingQuorum }),
      ...(courierMs !== undefined && { courierMs }),
    },
    signatures: {},
  }
}

/**
 * Cosignatures a release needs. Each log has n = nations − 1 + neutral witnesses, of which f = ⌊(n − 1)/3⌋ may lie: two conflicting
 * checkpoints cannot both be cosigned when k > (n + f)/2. With two or three nations k = 1: a split is detected, not
 * prevented, unless a neutral witness makes it k = 2.
 */
export function quorumFor(nations: number, neutral = 0): number {
  const n = nations - 1 + neutral
  if (n <= 1 || (n === 2 && neutral === 0)) return 1
  const f = Math.floor((n - 1) / 3)
  return Math.floor((n + f) / 2) + 1
}

function checkNeutral({ name, key }: NeutralWitness): void {
  const refuse = (why: string) =>
    new RosterError('WITNESS_POLICY_KEYS', `the key of the witness ${name}: ${why}`)
  try {
    if (parseVerifierKey(key).type === KEY_TYPE.cosignature) return
  } catch (error) {
    if (error instanceof VerificationError) throw refuse(error.message)
    throw error
  }
  throw refuse('is not one that cosigns (type 0x04)')
}

function parseNationFile(input: unknown): NationFile {
  const parsed = NationFile.safeParse(input)
  if (parsed.success) return parsed.data
  throw new RosterError('ROSTER_FORM', z.prettifyError(parsed.error))
}

/** Of the newest certificate of its main node: one witness key a nation counts. */
function witnessKeyOf(file: NationFile, verify: Verify): string {
  const node = mainNodeOf(
    openNationCertificates(file, verify).filter((certificate) => certificate.role === 'node'),
  )
  if (node === undefined)
    throw new RosterError('ROSTER_NO_NODE', `${file.nation} certifies no node`)
  return node.witnessKey
}
