import { digestOf, type Nation } from '@entente/schema'
import { type Decimal, parseDecimal } from '../decimal.ts'
import { type Consents, compileConsents } from '../supplier/compile.ts'
import type { Agreement, RegisterDocument } from './document.ts'
import { type Span, spanOf } from './span.ts'

export interface CompiledAgreement {
  readonly agreement: Agreement
  readonly inForce: Span
  readonly parties: ReadonlyMap<Nation, readonly Span[]>
  readonly atMost: Decimal | null
}

/** A register ready to decide with. */
export interface CompiledRegister {
  readonly document: RegisterDocument
  /** Base64url SHA-256 over the canonical document. */
  readonly digest: string
  readonly nation: Nation
  readonly edition: number
  readonly fromMs: number
  readonly untilMs: number
  /** Sorted by id. */
  readonly agreements: readonly CompiledAgreement[]
  readonly consents: Consents
  /** All moments at which an agreement, a party, a consent or the register itself begins or ends, ascending. */
  readonly cuts: readonly number[]
}

/** Compiles a parsed register. A date that cannot be read begins never and has ended already. */
export function compileRegister(document: RegisterDocument): CompiledRegister {
  const agreements = document.agreements
    .map(compileAgreement)
    .sort((a, b) =>
      a.agreement.id < b.agreement.id ? -1 : a.agreement.id > b.agreement.id ? 1 : 0,
    )
  const { fromMs, untilMs } = spanOf(document.from, document.until)
  const spans = agreements.flatMap(({ inForce, parties }) => [
    inForce,
    ...[...parties.values()].flat(),
  ])
  const consents = compileConsents(document)
  spans.push(...consents.all.map(({ inForce }) => inForce))
  const cuts = [fromMs, untilMs, ...spans.flatMap((span) => [span.fromMs, span.untilMs])]
  return {
    document,
    digest: digestOf(document),
    nation: document.nation,
    edition: document.edition,
    fromMs,
    untilMs,
    agreements,
    consents,
    cuts: [...new Set(cuts.filter(Number.isFinite))].sort((a, b) => a - b),
  }
}

function compileAgreement(agreement: Agreement): CompiledAgreement {
  const parties = new Map<Nation, Span[]>()
  for (const { nation, from, until } of agreement.parties)
    parties.set(nation, [...(parties.get(nation) ?? []), spanOf(from, until)])
  const { fromMs, untilMs } = spanOf(agreement.effective, agreement.expires)
  const revokedMs = spanOf(undefined, agreement.revoked).untilMs
  return {
    agreement,
    inForce: { fromMs, untilMs: Math.min(untilMs, revokedMs) },
    parties,
    atMost: agreement.value === undefined ? null : parseDecimal(agreement.value.atMost),
  }
}
