import type { Decision } from '../decide.ts'
import type { Gate } from '../label-gate.ts'
import { isGoingHome } from '../retransfer/origins.ts'

/**
 * A field in commercial confidence goes by its supplier's consent as well as by the nation's rules; no row can do without. A row must
 * name COMMERCIAL besides (`rows.ts`). What is another nation's goes back to it unchanged: whose confidence it is in, that nation knows.
 */
export const consentGate = {
  'COMMERCIAL: no consent of the supplier in force covers it': (facts, { nation }) =>
    facts.label?.caveats.includes('COMMERCIAL') &&
    facts.supplierConsent === null &&
    !isGoingHome(facts, facts.recipient, nation)
      ? 'deny'
      : null,
} as const satisfies Gate

/** Whether nothing but the supplier keeps a field back. */
export const isConsentMissing = ({ effect, because }: Pick<Decision, 'effect' | 'because'>) =>
  effect === 'deny' && because.every((name) => Object.hasOwn(consentGate, name))
