import type { Envelope } from '@entente/schema'

/** What a person may change of what a record says about itself. Jurisdictions are only added: taking one away would widen. */
export interface EnvelopeEdit {
  readonly asOf?: string | undefined
  readonly validFrom?: string | undefined
  readonly validTo?: string | undefined
  readonly reviewBy?: string | undefined
  readonly confidence?: string | undefined
  readonly addJurisdiction?: NonNullable<Envelope['jurisdiction']> | undefined
}

/** The edit as the ledger takes it; undefined when nothing is named. */
export function envelopeEdit(
  current: Envelope | null,
  { addJurisdiction, ...named }: EnvelopeEdit,
): Partial<Envelope> | undefined {
  const known = Object.entries(named).filter(([, value]) => value !== undefined)
  if (known.length === 0 && addJurisdiction === undefined) return undefined
  const before = current?.jurisdiction ?? []
  const added = (addJurisdiction ?? []).filter(
    (entry) => !before.some((each) => JSON.stringify(each) === JSON.stringify(entry)),
  )
  return {
    ...Object.fromEntries(known),
    ...(added.length > 0 && { jurisdiction: [...before, ...added] }),
  }
}
