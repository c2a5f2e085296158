import type { DataRecord } from '@entente/schema'
import { conflictsWith } from '../alias/link-decisions.ts'
import { NodeError } from '../errors.ts'
import type { Change } from '../ledger/ledger.ts'
import { decisionsIn, textsOf } from './party-decisions.ts'
import type { DecidedRelation } from './relations.ts'
import {
  type DecideContext,
  type KnownName,
  knownNames,
  suppliersNamed,
} from './supplier-records.ts'
import { canSay, repeatWord, supplierOf, type Word, writeWord } from './write-decision.ts'

export interface LinkDecision {
  readonly name: string
  readonly relation: DecidedRelation
  readonly other: string
}

/**
 * Writes a decision on supplier records, as edits by hand: it has an author, a time and a reason, stands in the history and
 * can be taken back. No record is merged into another. A name without a supplier record gets one.
 * @returns records that were changed
 * @throws {NodeError} `NAME_UNKNOWN`, `LINK_CONTRADICTS`
 */
export async function decideLink(
  context: DecideContext,
  { name, relation, other }: LinkDecision,
  change: Change,
): Promise<readonly DataRecord[]> {
  const { view, nation } = context
  const decided = decisionsIn(view, nation)
  if (name === other)
    throw new NodeError('LINK_CONTRADICTS', `${name} is one name: a link needs two`)
  if (relation === 'same-party' && conflictsWith(decided, [name, other]))
    throw new NodeError(
      'LINK_CONTRADICTS',
      `${name} and ${other}, or names linked to them, were decided to be different parties: take that back first with entente alias unlink`,
    )
  if (
    relation === 'distinct' &&
    conflictsWith({ ...decided, distinct: [...decided.distinct, [name, other]] }, [name, name])
  )
    throw new NodeError(
      'LINK_CONTRADICTS',
      `${name} and ${other} were decided to be one party: take that back first with entente alias unlink`,
    )
  const [one, two] = knownNames(context, name, other)
  switch (relation) {
    case 'same-party': {
      const [head, tail] = await sidesOf(context, two, one, { field: 'aliases' })
      const said = await writeWord(context, head, tail, { field: 'aliases' }, change)
      const word = { field: 'same_as', target: said.id } as const
      return [said, ...(await repeatWord(context, tail, head, word, change))]
    }
    case 'part-of': {
      const { id } = await supplierOf(context, two, change)
      return [await writeWord(context, one, two, { field: 'part_of', target: id }, change)]
    }
    case 'takes-part':
      return [await writeWord(context, two, one, { field: 'members' }, change)]
    case 'distinct': {
      const word = { field: 'distinct_from' } as const
      const [first, second] = await sidesOf(context, one, two, word)
      return [await writeWord(context, first, second, word, change)]
    }
  }
}

/** Which of two names says what holds for both: the first, unless only a record of the second can. */
async function sidesOf(
  context: DecideContext,
  first: KnownName,
  second: KnownName,
  word: Word,
): Promise<readonly [KnownName, KnownName]> {
  const isFirst = await canSay(context, first, second, word)
  return isFirst || !(await canSay(context, second, first, word))
    ? [first, second]
    : [second, first]
}

/**
 * Takes back whatever was decided between two names, in either direction.
 * @throws {NodeError} `LINK_UNKNOWN`
 */
export async function undoLink(
  context: DecideContext,
  name: string,
  other: string,
  change: Change,
): Promise<readonly DataRecord[]> {
  const changed: DataRecord[] = []
  const named = (text: string) => {
    const { plain, beside } = suppliersNamed(context, text)
    return { text, records: [...plain, ...beside] }
  }
  const [ours, theirs] = [named(name), named(other)]
  for (const [{ records }, { text: b, records: targets }] of [
    [ours, theirs],
    [theirs, ours],
  ] as const)
    for (const record of records) {
      const refs = ['same_as', 'part_of'].filter((field) =>
        targets.some(({ id }) => id === record.fields[field]?.value),
      )
      const lists = ['aliases', 'members', 'distinct_from'].filter((field) =>
        textsOf(record, field).includes(b),
      )
      if (refs.length + lists.length === 0) continue
      const left = lists.map(
        (field) => [field, textsOf(record, field).filter((text) => text !== b)] as const,
      )
      const set = left
        .filter(([, texts]) => texts.length > 0)
        .map(([field, value]) => [field, { value }])
      const unset = [
        ...refs,
        ...left.filter(([, texts]) => texts.length === 0).map(([field]) => field),
      ]
      changed.push(
        await context.ledger.edit(record.id, { set: Object.fromEntries(set), unset }, change),
      )
    }
  if (changed.length === 0)
    throw new NodeError('LINK_UNKNOWN', `nothing was decided between ${name} and ${other}`)
  return changed
}
