import type { Nation } from '@entente/schema'
import type { PolicyDocument, Row } from './document.ts'
import type { RegisterDocument } from './register/document.ts'

/** A change that cannot be made of a policy; the message says why. */
export class SimulationError extends Error {
  override readonly name = 'SimulationError'
  readonly code = 'SIMULATION'
}

/**
 * A new nation in the place of one that has one: the same ceiling, the same stays in groups, and beside it in every row that names it
 * as recipient. What labels say by name, and who is party to an agreement, stays as it is.
 * @throws {SimulationError} the one has no place, or the other has one
 */
export function addLike(document: PolicyDocument, nation: Nation, like: Nation): PolicyDocument {
  const ceiling = Object.hasOwn(document.ceilings, like) ? document.ceilings[like] : undefined
  if (ceiling === undefined)
    throw new SimulationError(`${like} has no ceiling in this policy, so nothing to be like`)
  if (Object.hasOwn(document.ceilings, nation))
    throw new SimulationError(`${nation} has a place in this policy already`)
  const beside = (list: readonly Nation[]) =>
    list.includes(like) && !list.includes(nation) ? [...list, nation] : list
  return {
    ...document,
    ceilings: { ...document.ceilings, [nation]: ceiling },
    groups: Object.fromEntries(
      Object.entries(document.groups).map(([code, stays]) => [
        code,
        stays.flatMap((stay) => (stay.nation === like ? [stay, { ...stay, nation }] : [stay])),
      ]),
    ),
    rules: document.rules.map((row) => withRecipients(row, beside, beside)),
  }
}

/**
 * The policy without a nation: no ceiling, in no group, in no row that lets it have something. A row that was for it alone is gone.
 * @throws {SimulationError} it has no place
 */
export function removeNation(document: PolicyDocument, nation: Nation): PolicyDocument {
  if (!Object.hasOwn(document.ceilings, nation))
    throw new SimulationError(`${nation} has no place in this policy`)
  const without = (list: readonly Nation[]) => list.filter((each) => each !== nation)
  const { [nation]: _, ...ceilings } = document.ceilings
  return {
    ...document,
    ceilings,
    groups: Object.fromEntries(
      Object.entries(document.groups).map(([code, stays]) => [
        code,
        stays.filter((stay) => stay.nation !== nation),
      ]),
    ),
    // A row that leaves it out goes on leaving it out.
    rules: document.rules
      .map((row) => withRecipients(row, without, (list) => list))
      .filter(({ match }) => match.recipient?.in?.length !== 0),
  }
}

/** @param from first day of the membership. @throws {SimulationError} unknown group, or a member already */
export function addMember(
  document: PolicyDocument,
  group: string,
  nation: Nation,
  from: string,
): PolicyDocument {
  const stays = Object.hasOwn(document.groups, group) ? document.groups[group] : undefined
  if (stays === undefined)
    throw new SimulationError(
      `${group} is no group of this policy; it has ${Object.keys(document.groups).join(', ') || 'none'}`,
    )
  if (stays.some((stay) => stay.nation === nation && stay.until === undefined))
    throw new SimulationError(`${nation} is a member of ${group} already`)
  return { ...document, groups: { ...document.groups, [group]: [...stays, { nation, from }] } }
}

/** The register with an agreement revoked from a day on. @throws {SimulationError} it does not know the agreement */
export function endAgreement(
  register: RegisterDocument,
  id: string,
  revoked: string,
): RegisterDocument {
  if (!register.agreements.some((agreement) => agreement.id === id))
    throw new SimulationError(
      `${id} is no agreement of the register; it has ${register.agreements.map((each) => each.id).join(', ') || 'none'}`,
    )
  return {
    ...register,
    agreements: register.agreements.map((agreement) =>
      agreement.id === id ? { ...agreement, revoked } : agreement,
    ),
  }
}

function withRecipients(
  row: Row,
  named: (list: readonly Nation[]) => readonly Nation[],
  leftOut: (list: readonly Nation[]) => readonly Nation[],
): Row {
  const { recipient } = row.match
  if (recipient === undefined) return row
  return {
    ...row,
    match: {
      ...row.match,
      recipient: {
        ...(recipient.in !== undefined && { in: named(recipient.in) }),
        ...(recipient.notIn !== undefined && { notIn: leftOut(recipient.notIn) }),
      },
    },
  }
}
