import type { RegisterDocument } from '../register/document.ts'
import { type Span, spanOf } from '../register/span.ts'
import type { Consent, Supplier } from './document.ts'
import { namingOf, type Supply } from './supply.ts'

export interface CompiledConsent {
  readonly consent: Consent
  readonly inForce: Span
}

/** Suppliers and their consents, ready to decide with. */
export interface Consents {
  /** Ids of the suppliers that a naming means: more than one where the register gives it to several. */
  readonly means: ReadonlyMap<string, readonly string[]>
  /** By supplier, sorted by id. */
  readonly of: ReadonlyMap<string, readonly CompiledConsent[]>
  readonly all: readonly CompiledConsent[]
}

export function compileConsents({ suppliers = [], consents = [] }: RegisterDocument): Consents {
  const means = new Map<string, readonly string[]>()
  for (const supplier of suppliers)
    for (const naming of namingsOf(supplier))
      means.set(naming, [...new Set([...(means.get(naming) ?? []), supplier.id])])
  const all = [...consents]
    .sort((a, b) => (a.id < b.id ? -1 : a.id > b.id ? 1 : 0))
    .map((consent): CompiledConsent => {
      const { fromMs, untilMs } = spanOf(consent.effective, consent.expires)
      const ends = [consent.revoked, consent.withdrawn?.from].map(
        (end) => spanOf(undefined, end).untilMs,
      )
      return { consent, inForce: { fromMs, untilMs: Math.min(untilMs, ...ends) } }
    })
  const of = Map.groupBy(all, ({ consent }) => consent.supplier)
  return { means, of, all }
}

/** Every way in which records name a supplier. */
export const namingsOf = ({
  names = [],
  ncage = [],
  uei = [],
  lei = [],
  records = [],
}: Supplier): readonly string[] => [
  ...names.map((text) => namingOf('name', text)),
  ...ncage.map((text) => namingOf('ncage', text)),
  ...uei.map((text) => namingOf('uei', text)),
  ...lei.map((text) => namingOf('lei', text)),
  ...records.map((text) => namingOf('record', text)),
]

/** All suppliers to ask, sorted; null: the record names none, or one that the register does not know. */
export function suppliersToAsk({ named }: Supply, { means }: Consents): readonly string[] | null {
  if (named === null || named.length === 0) return null
  const ids = new Set<string>()
  for (const naming of named) {
    const meant = means.get(naming)
    if (meant === undefined) return null
    for (const id of meant) ids.add(id)
  }
  return [...ids].sort()
}

/**
 * All that consents can tell of a supply: supplies with the same are decided alike, so that a memory need not know every name.
 * @see createMemory
 */
export function supplyKeyOf(supply: Supply, consents: Consents): string {
  const ids = suppliersToAsk(supply, consents)
  if (ids === null) return 'nobody'
  const records = consents.all.map(({ consent }) =>
    consent.records?.includes(supply.record) === true ? 'y' : 'n',
  )
  return `${ids.join()} ${consents.all.some(({ consent }) => consent.records) ? records.join('') : ''}`
}
