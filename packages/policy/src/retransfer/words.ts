import type { Nation } from '@entente/schema'
import type { Facts } from '../question.ts'
import { type Retransfer, retransfersOf } from './retransfer-gate.ts'

/** Why originators hold a field back, one by one, and what would change that; for the holder's eyes. */
export function sayRetransfer(
  facts: Facts,
  nation: Nation,
): { readonly is: string; readonly change: string } {
  const held = retransfersOf(facts, nation).filter(
    ({ state }) => state === 'missing' || state === 'forbidden',
  )
  return {
    is: held.map((each) => sayHeld(each, facts)).join('; '),
    change: [...new Set(held.map((each) => sayChange(each, facts)))].join(', and '),
  }
}

function sayHeld({ originator, state }: Retransfer, { received, recipient }: Facts): string {
  if (state === 'forbidden')
    return `it is of ${originator}, whose terms let nobody pass it on, whatever is consented to`
  const changed =
    received?.unchanged === true ? '' : ', and it is not, or not known to be, as it came'
  return `it is of ${originator}, which has not consented that ${recipient} gets it${changed}`
}

const sayChange = (
  { originator, state }: Retransfer,
  { field, recipient, received }: Facts,
): string =>
  state === 'forbidden'
    ? `ask ${originator} to release it under other terms, or to ${recipient} itself`
    : `ask ${originator} to release it to ${recipient}, or to seal a consent for ${field}${received?.unchanged === true ? '' : ' that is also for what was derived'}`
