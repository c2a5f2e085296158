import type { RetransferConsent } from '@entente/schema'
import { formatTime } from '../text.ts'

/** What a consent says, in words. */
export function sayConsent(consent: RetransferConsent): string {
  const { nation, holder, record, fields, recipients, purpose, until } = consent
  return `${nation} consents until ${formatTime(until)} that ${holder} hands on ${fields.join(', ')} of ${record} to ${recipients.join(', ')} for ${purpose}, ${sayExtent(consent)}.`
}

/** How much of the value, and whether also what was made of it. */
export const sayExtent = ({ transform, derived }: RetransferConsent): string =>
  `${transform === null ? 'as it is' : `in ${transform} bands at most`}, ${derived ? 'also what it has made of them' : 'unchanged'}`
