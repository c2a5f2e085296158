import type { Nation, Statement } from '@entente/schema'
import type { Deps } from '../deps.ts'
import { NodeError } from '../errors.ts'
import { statementHash } from '../log/leaf.ts'
import type { RequestStore } from '../requests/request-store.ts'
import type { ConsentStore } from './consent-store.ts'

/**
 * Takes a consent in that came in its originator's control feed. One that is none of that nation, or not for us, is noted and not kept:
 * its statement stands all the same. Inside the transaction that admits it.
 * @returns whether it is kept now and was not before
 */
export function takeConsent(
  { db, journal }: Deps,
  consents: Pick<ConsentStore, 'check' | 'take'>,
  requests: Pick<RequestStore, 'takeAnswer'>,
  from: Nation,
  { release, request, consent }: Statement<'consent'>,
  seal: string,
): boolean {
  const refuse = (code: string, words: string): false => {
    journal.refused({ from, code, message: `consent ${consent.slice(0, 8)}: ${words}` })
    return false
  }
  const row =
    release &&
    db
      .prepare('SELECT jws FROM statement_in WHERE feed = ? AND seq = ? AND sender = ?')
      .get(release.feed, release.seq, from)
  if (!row || statementHash(row['jws'] as string) !== release?.statement) {
    return refuse(
      'CONSENT_RELEASE',
      `what it names is no statement by which ${from} gave us something`,
    )
  }
  try {
    const { nation } = consents.check(seal).consent
    if (nation !== from) return refuse('CONSENT_NATION', `${from} sends a consent of ${nation}`)
    const isNew = consents.take(seal)
    if (request !== null) requests.takeAnswer(from, request, 'approve')
    return isNew
  } catch (error) {
    if (!(error instanceof NodeError)) throw error
    return refuse(error.code, error.message)
  }
}
