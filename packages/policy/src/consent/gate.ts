import type { Decision } from '../decide.ts'
import type { Gate } from '../label-gate.ts'

/**
 * A field in commercial confidence goes by its supplier's consent as well as by the nation's rules; no row can do without. A row must
 * name COMMERCIAL besides (`rows.ts`).
 */
export const consentGate = {
  'COMMERCIAL: no consent of the supplier in force covers it': ({ label, consent }) =>
    label?.caveats.includes('COMMERCIAL') && consent === null ? 'deny' : null,
} as const satisfies Gate

/** Whether nothing but the supplier keeps a field back. */
export const isConsentMissing = ({ effect, because }: Pick<Decision, 'effect' | 'because'>) =>
  effect === 'deny' && because.every((name) => Object.hasOwn(consentGate, name))
