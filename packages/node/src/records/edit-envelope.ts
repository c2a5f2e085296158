import type { Envelope } from '@entente/schema'
import type { Edit } from '../ledger/record/amend-record.ts'

/** What a person may change of what a record says about itself. Jurisdictions are only added: taking one away would widen. */
export interface EnvelopeEdit {
  /** Only what is active is released. Withdrawing is an act of its own. */
  readonly status?: Exclude<Envelope['status'], 'withdrawn'> | undefined
  readonly asOf?: string | undefined
  readonly validFrom?: string | undefined
  readonly validTo?: string | undefined
  readonly reviewBy?: string | undefined
  readonly confidence?: string | undefined
  readonly addJurisdiction?: NonNullable<Envelope['jurisdiction']> | undefined
}

/** The edit as the ledger takes it; what is not named stays. */
export function envelopeEdit({
  addJurisdiction,
  ...named
}: EnvelopeEdit): Pick<Edit, 'envelope' | 'addJurisdiction'> {
  const known = Object.entries(named).filter(([, value]) => value !== undefined)
  return {
    ...(known.length > 0 && { envelope: Object.fromEntries(known) }),
    ...(addJurisdiction && { addJurisdiction }),
  }
}
