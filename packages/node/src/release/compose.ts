import { type Composition, mustDrop, mustDropAll } from '@entente/policy'
import { identityOf, ownOf, type Role, widensLimit } from '@entente/schema'

/** What a recipient holds of one record by our own sealed word: its digest, the level of each field, and limits of roles. */
export interface Held {
  readonly dataset: string
  readonly digest: string
  readonly fields: Readonly<Record<string, string>>
  /** Fields that only some roles may read there; others have no limit. */
  readonly roles: Readonly<Record<string, readonly Role[]>>
  /** Consents under which it holds another nation's record, sorted; none: the record is ours. */
  readonly consents: readonly string[]
}

/** What must be said to one recipient about one record; a drop always goes before a put. */
export interface Change {
  /** Fields taken away, coarsened or left to fewer roles; `all` takes the whole fragment. */
  readonly drop: 'all' | readonly string[] | null
  readonly put: boolean
}

const nothing: Change = { drop: null, put: false }
/**
 * Compares what a recipient may have with what it holds. Nothing is put whose bytes have not changed; a field that is
 * lost, made coarser, put in another form or kept from a role is dropped first, so that nobody who misses the put keeps more. Where a
 * name gives way to a pseudonym, or the other way round, or every field that names the record is dropped, all is: without any nothing may be
 * held. A field that more roles may
 * read is put again with the same bytes: who may read stands in the entry.
 */
export function changeFor(held: Held | null, now: Composition): Change {
  if (now.fragment === null) return held === null ? nothing : { drop: 'all', put: false }
  if (held === null) return { drop: null, put: true }
  const lost = Object.keys(held.fields)
    .filter(
      (field) =>
        mustDrop(held.fields[field] ?? 'exact', ownOf(now.levels, field)) ||
        widensLimit(limitOf(now, field), limitOf(held, field)),
    )
    .sort()
  const same =
    now.digest === held.digest &&
    // A consent that lasts longer goes with the bytes that it is for.
    now.consents.join() === held.consents.join() &&
    now.fields.every(
      (field) =>
        Object.hasOwn(held.fields, field) &&
        // What is dropped and still goes, to fewer, is put again with the same bytes.
        !lost.includes(field) &&
        !widensLimit(limitOf(held, field), limitOf(now, field)),
    )
  const naming = identityOf(now.fragment.head.kind).filter((field) => field in held.fields)
  const all =
    lost.length === Object.keys(held.fields).length ||
    mustDropAll(held.fields, now.levels) ||
    (naming.length > 0 && naming.every((field) => lost.includes(field)))
  const drop = lost.length === 0 ? null : all ? 'all' : lost
  return { drop, put: !same }
}

const limitOf = ({ roles }: Pick<Held, 'roles'>, field: string): readonly Role[] | null =>
  ownOf(roles, field) ?? null
