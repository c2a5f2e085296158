import { roles as everyRole, joinLimits, type Role } from '@entente/schema'
import { formatIsoDate } from '../dates.ts'
import type { Facts } from '../question.ts'
import type { CompiledRegister } from '../register/compile.ts'
import { isWithin } from '../register/span.ts'
import { type CompiledConsent, suppliersToAsk } from './compile.ts'
import type { Supply } from './supply.ts'

/** What a consent is asked about: everything but what follows from consents and agreements. */
export type AskedOfSupplier = Omit<Facts, 'agreements' | 'consent'>

/** Every supplier that a record names lets the field go. */
export interface Consented {
  /** Ids of the consents, sorted. */
  readonly by: readonly string[]
  /** Null: for people of any role. */
  readonly roles: readonly Role[] | null
}

/**
 * Whether consents in force cover a COMMERCIAL field whole: at least one of every supplier that its record names. Several of one supplier
 * are alternatives, so that one more never takes anything away; what suppliers allow together is what each of them allows.
 * @returns null: somebody has not consented, or nobody can tell who must
 */
export function consentFor(
  asked: AskedOfSupplier,
  supply: Supply | null,
  register: CompiledRegister | null,
): Consented | null {
  if (supply === null || register === null || !isWithin(register, asked.atMs)) return null
  const suppliers = suppliersToAsk(supply, register.consents)
  if (suppliers === null) return null
  const by: string[] = []
  let limit: readonly Role[] | null = null
  for (const supplier of suppliers) {
    const given = (register.consents.of.get(supplier) ?? []).filter((each) =>
      limits.every(({ allows }) => allows(each, asked, supply)),
    )
    if (given.length === 0) return null
    by.push(...given.map(({ consent }) => consent.id))
    limit = joinLimits(limit, limitOf(given))
  }
  return { by: by.sort(), roles: limit }
}

/** The roles that any of them lets read. */
function limitOf(given: readonly CompiledConsent[]): readonly Role[] | null {
  if (given.some(({ consent }) => consent.roles === undefined)) return null
  const named = new Set(given.flatMap(({ consent }) => consent.roles ?? []))
  return everyRole.filter((role) => named.has(role)).sort()
}

/** What is missing for a COMMERCIAL field to go, in words for the originator's own eyes. */
export function sayMissing(
  asked: AskedOfSupplier,
  supply: Supply | null,
  register: CompiledRegister | null,
): string {
  if (supply === null || supply.named === null)
    return 'nobody can tell who its supplier is: the field that names it is in conflict'
  if (supply.named.length === 0) return 'the record names no supplier, so nobody can consent'
  if (register === null) return 'there is no register, so no consent of a supplier'
  const said = supply.named.map((naming) => {
    const ids = register.consents.means.get(naming)
    if (ids === undefined) return `the register knows no supplier ${sayNaming(naming)}`
    const missing = ids.flatMap((id) => {
      const given = register.consents.of.get(id) ?? []
      const failed = given.map((each) => ({
        id: each.consent.id,
        on: limits
          .filter(({ allows }) => !allows(each, asked, supply))
          .map(({ tell }) => tell(each, asked)),
      }))
      if (failed.some(({ on }) => on.length === 0) && isWithin(register, asked.atMs)) return []
      const [nearest] = failed.sort((a, b) => a.on.length - b.on.length)
      const why =
        nearest === undefined ? '' : `; nearest is ${nearest.id}: ${nearest.on.join('; ')}`
      return `its supplier ${sayNaming(naming)} (${id}) has given no consent that covers ${asked.recipient}${why}`
    })
    return missing.join('; ')
  })
  return [...new Set(said.filter((each) => each !== ''))].join('; ')
}

/** `NCAGE 1AA22`, `Acme Ltd`. */
function sayNaming(naming: string): string {
  const at = naming.indexOf(':')
  const as = naming.slice(0, at)
  const text = naming.slice(at + 1)
  return as === 'name' || as === 'record' ? text : `${as.toUpperCase()} ${text}`
}

interface Limit {
  readonly allows: (given: CompiledConsent, asked: AskedOfSupplier, supply: Supply) => boolean
  readonly tell: (given: CompiledConsent, asked: AskedOfSupplier) => string
}

/** All must allow. */
const limits: readonly Limit[] = [
  {
    allows: ({ inForce }, { atMs }) => isWithin(inForce, atMs),
    tell: ({ consent, inForce }, { atMs }) =>
      atMs < inForce.fromMs
        ? `it begins on ${consent.effective}`
        : `it ${endOf(consent, inForce.untilMs)} on ${formatIsoDate(inForce.untilMs)}`,
  },
  {
    allows: ({ consent }, { recipient }) => consent.recipients.includes(recipient),
    tell: (_, { recipient }) => `it is not for ${recipient}`,
  },
  {
    allows: ({ consent }, { purpose }) => consent.uses.includes(purpose),
    tell: (_, { purpose }) => `it does not allow the purpose ${purpose}`,
  },
  {
    allows: ({ consent }, { record }) => consent.kinds?.some((k) => k === record.kind) ?? true,
    tell: (_, { record }) => `it does not speak of ${record.kind} records`,
  },
  {
    allows: ({ consent }, { record }) => consent.datasets?.includes(record.dataset) ?? true,
    tell: (_, { record }) => `it does not speak of the dataset ${record.dataset}`,
  },
  {
    allows: ({ consent }, { field }) => consent.fields?.includes(field) ?? true,
    tell: (_, { field }) => `it does not speak of the field ${field}`,
  },
  {
    allows: ({ consent }, _, { record }) => consent.records?.includes(record) ?? true,
    tell: () => 'it does not name this record',
  },
]

function endOf({ revoked, withdrawn }: CompiledConsent['consent'], untilMs: number): string {
  const is = (date: string | undefined) =>
    date !== undefined && formatIsoDate(untilMs).startsWith(date.slice(0, 10))
  return is(withdrawn?.from) ? 'was withdrawn' : is(revoked) ? 'was revoked' : 'ended'
}
