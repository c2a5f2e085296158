import { canonicalJson, type Role, widensLimit } from '@entente/schema'
import { type CompiledPolicy, withRegister } from '../compile.ts'
import { Purpose } from '../document.ts'
import { compileRegister } from '../register/compile.ts'
import type { RegisterDocument } from '../register/document.ts'
import { compileConsents, namingsOf } from './compile.ts'
import { supplierOfTest } from './of-test.ts'

/**
 * The policy as if every supplier had consented to everything: which consents there are changes from day to day, and what a row lets go
 * once there is one is the row's doing. For questions about no record that is held.
 */
export function withEveryConsent(policy: CompiledPolicy): CompiledPolicy {
  const { document, register } = policy
  const { nation, edition, from, until } = document
  const blank: RegisterDocument = { nation, edition, from, until, agreements: [] }
  const own = register?.document ?? blank
  const { suppliers = [], consents = [] } = supplierOfTest(
    Object.keys(document.ceilings),
    Purpose.options,
    own.from,
    own.until,
  )
  return withRegister(
    policy,
    compileRegister({
      ...own,
      suppliers: [...(own.suppliers ?? []), ...suppliers],
      consents: [...(own.consents ?? []), ...consents],
    }),
  )
}

/** What lets more go, or lets more roles read, about which no question says it. */
export function widenings(before: CompiledPolicy | null, after: CompiledPolicy): readonly string[] {
  return [
    ...(before === null ? [] : freedRoles(before, after)),
    ...(before === null ? [] : newConsents(before, after)),
  ]
}

/** Rows that let more roles read than they did, or limit nobody any more. */
function freedRoles(before: CompiledPolicy, after: CompiledPolicy): readonly string[] {
  const limitsOf = ({ rows }: CompiledPolicy) =>
    new Map(
      rows.flatMap(({ row }): [string, readonly Role[]][] =>
        (row.effect === 'permit' || row.effect === 'transform') && row.roles !== undefined
          ? [[row.id, row.roles]]
          : [],
      ),
    )
  const now = limitsOf(after)
  return [...limitsOf(before)].flatMap(([id, roles]) =>
    widensLimit(roles, now.get(id) ?? null) ? [`row ${id} would let more roles read`] : [],
  )
}

function newConsents(before: CompiledPolicy, after: CompiledPolicy): readonly string[] {
  const was = before.register?.document
  const is = after.register?.document
  if (is === undefined) return []
  const named = new Set(
    (was?.suppliers ?? []).flatMap((each) => namingsOf(each).map(under(each.id))),
  )
  const known = new Map(
    (was === undefined ? [] : compileConsents(was).all).map((each) => [each.consent.id, each]),
  )
  return [
    ...(is.suppliers ?? []).flatMap((supplier) => {
      const isNew = namingsOf(supplier)
        .map(under(supplier.id))
        .some((naming) => !named.has(naming))
      return isNew ? [`supplier ${supplier.id} would be meant by more names`] : []
    }),
    ...compileConsents(is).all.flatMap(({ consent, inForce }) => {
      const old = known.get(consent.id)
      const same =
        old !== undefined && canonicalJson(old.consent.seal) === canonicalJson(consent.seal)
      const isMore = !same || inForce.untilMs > old.inForce.untilMs
      return isMore ? [`consent ${consent.id} would let more go`] : []
    }),
  ]
}

const under = (id: string) => (naming: string) => `${id} ${naming}`
