import { ENGINE } from '@entente/policy'
import { canonicalBytes, hmacSha256, type Inputs, toBase64url } from '@entente/schema'
import type { Bundle } from '../bundle/read-bundle.ts'
import { createSharing } from '../bundle/sharing.ts'
import type { AddFinding } from '../finding.ts'
import type { Leaf, Leaves } from '../statements/leaves.ts'
import type { Trust } from '../trust.ts'

/** Step 8, first half: the decision inputs of every release are those that it commits to. By leaf index. */
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
    if (leaf?.kind !== 'release') continue
    const commitment = hmacSha256(leaves.saltOf(index), canonicalBytes(inputs), hash)
    const isMeant = toBase64url(commitment) === leaf.statement.inputs
    rows.set(index, isMeant ? share(inputs) : null)
  }
  const opened = new Map<number, Inputs>()
  for (const leaf of leaves.byIndex.values()) {
    if (leaf.kind !== 'release') continue
    const { index } = leaf
    const inputs = rows.get(index)
    if (inputs === undefined) found('INPUTS_MISSING', `release ${index} shows no inputs`, index)
    else if (inputs === null)
      found(
        'INPUTS_COMMITMENT',
        `the inputs shown of release ${index} are not those it names`,
        index,
      )
    else if (checkClaims(leaf, inputs, leaves, found)) opened.set(index, inputs)
  }
  return opened
}

function checkClaims(
  { index, statement }: Leaf<'release'>,
  { policy, recipient, at, engine, purpose }: Inputs,
  leaves: Leaves,
  found: AddFinding,
): boolean {
  const named = leaves.byIndex.get(statement.policy)
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
      `the inputs of release ${index} name another ${contradicts.join(', ')}`,
      index,
    )
  else if (engine !== ENGINE)
    found('ENGINE_UNKNOWN', `release ${index} was decided by ${engine}, this is ${ENGINE}`, index)
  return contradicts.length === 0 && engine === ENGINE
}
