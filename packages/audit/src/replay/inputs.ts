import { ENGINE } from '@entente/policy'
import { canonicalBytes, hmacSha256, type Inputs, toBase64url } from '@entente/schema'
import type { Bundle } from '../bundle/read-bundle.ts'
import { createSharing } from '../bundle/sharing.ts'
import type { AddFinding } from '../finding.ts'
import type { Leaf, Leaves } from '../statements/leaves.ts'
import type { Trust } from '../trust.ts'

/** Step 8, first half: the decision inputs of every release and catalogue are those that it commits to. By leaf index. */
export function openInputs(
  bundle: Bundle,
  leaves: Leaves,
  { hash }: Trust,
  found: AddFinding,
): ReadonlyMap<number, Inputs> {
  // The last one shown counts; null: it is not the one that the release commits to.
  const rows = new Map<number, Inputs | null>()
  const share = createSharing()
  for (const { index, inputs } of bundle.inputs(found)) {
    const leaf = leaves.byIndex.get(index)
    if (leaf === undefined || !isDecided(leaf)) continue
    const commitment = hmacSha256(leaves.saltOf(index), canonicalBytes(inputs), hash)
    const isMeant = toBase64url(commitment) === leaf.statement.inputs
    rows.set(index, isMeant ? share(inputs) : null)
  }
  const opened = new Map<number, Inputs>()
  for (const leaf of leaves.byIndex.values()) {
    if (!isDecided(leaf)) continue
    const { index, kind } = leaf
    const inputs = rows.get(index)
    if (inputs === undefined) found('INPUTS_MISSING', `${kind} ${index} shows no inputs`, index)
    else if (inputs === null)
      found(
        'INPUTS_COMMITMENT',
        `the inputs shown of ${kind} ${index} are not those it names`,
        index,
      )
    else if (checkClaims(leaf, inputs, leaves, found)) opened.set(index, inputs)
  }
  return opened
}

/** A leaf that commits to what it was decided on: a release, or a catalogue that was made under a policy. */
export type DecidedLeaf = Leaf<'release'> | Leaf<'catalogue'>
export const isDecided = (leaf: Leaf): leaf is DecidedLeaf =>
  leaf.kind === 'release' || (leaf.kind === 'catalogue' && leaf.statement.inputs !== null)

function checkClaims(
  { index, kind, statement }: DecidedLeaf,
  { policy, recipient, at, engine, purpose }: Inputs,
  leaves: Leaves,
  found: AddFinding,
): boolean {
  const named = leaves.byIndex.get(statement.policy ?? -1)
  const contradicts = [
    named?.kind === 'policy' && named.statement.digest !== policy && 'policy',
    recipient !== statement.recipient && 'recipient',
    at !== statement.at && 'decision time',
    // A release is for use; nothing on the wire could say otherwise.
    purpose !== 'use' && 'purpose',
  ].filter((what) => what !== false)
  if (contradicts.length > 0)
    found(
      'INPUTS_CLAIM',
      `the inputs of ${kind} ${index} name another ${contradicts.join(', ')}`,
      index,
    )
  else if (engine !== ENGINE)
    found('ENGINE_UNKNOWN', `${kind} ${index} was decided by ${engine}, this is ${ENGINE}`, index)
  return contradicts.length === 0 && engine === ENGINE
}
