import { peekJws, RetransferConsent, type Statement } from '@entente/schema'
import type { Deps, Partner } from '../deps.ts'
import { isBody } from '../requests/request-store.ts'
import type { AdmissionEvents } from './admit.ts'
import { AdmitError, type StatementCode } from './codes.ts'
import type { Consented } from './consented.ts'

/** What partners ask, answer and consent to, in their control feeds. Inside the transaction that admits the statement. */
export interface Says {
  /** @throws {AdmitError} `BODY_DIGEST`, `REQUEST_FLOOD` */
  readonly request: (
    partner: Partner,
    hash: string,
    request: Statement<'request'>,
    body: unknown,
  ) => void
  /** @throws {AdmitError} `ANSWER_UNKNOWN` */
  readonly answer: (partner: Partner, answer: Statement<'answer'>) => void
  /** @throws {AdmitError} `BODY_DIGEST` */
  readonly consent: (partner: Partner, consent: Statement<'consent'>, body: unknown) => void
}

export function createSays(
  deps: Deps,
  consented: Pick<Consented, 'withdrawn'>,
  events: Pick<AdmissionEvents, 'onRequest' | 'onAnswer' | 'onConsent'>,
): Says {
  const { db, clock } = deps
  const refuse = (code: StatementCode, message: string) =>
    new AdmitError('statement', code, message)
  return {
    request: (partner, hash, request, body) => {
      const { nation } = partner
      // Without what it asks for, as after a loss of the asker's, it is answered as what cannot be read.
      if (body !== undefined && !isBody(deps, body, request.body))
        throw refuse(
          'BODY_DIGEST',
          `${nation} asks for something that did not come with its request`,
        )
      if (events.onRequest?.(nation, hash, request, body ?? null) === false)
        throw refuse(
          'REQUEST_FLOOD',
          `too many requests of ${nation} wait for their answer: more are taken once some have been answered`,
        )
    },
    answer: ({ nation }, answer) => {
      if (events.onAnswer?.(nation, answer) === false)
        throw refuse('ANSWER_UNKNOWN', `${nation} answers what we have not asked it`)
    },
    consent: ({ nation }, statement, body) => {
      const { action, consent } = statement
      if (action === 'withdraw') {
        const { changes } = db
          .prepare(
            'INSERT OR IGNORE INTO consent_withdrawn(nation, consent, at_ms) VALUES (?, ?, ?)',
          )
          .run(nation, consent, clock.nowMs())
        consented.withdrawn(nation, consent)
        // A notice may be shown any number of times: what is known is no news.
        if (changes > 0) events.onConsent?.(nation, statement, null)
        return
      }
      if (body === undefined) return
      if (typeof body !== 'string' || !isBody(deps, sentenceOf(body), consent))
        throw refuse(
          'BODY_DIGEST',
          `${nation} names a consent that did not come with its statement`,
        )
      events.onConsent?.(nation, statement, body)
    },
  }
}

/** What a consent says, whoever sealed it; null: it is none. */
function sentenceOf(seal: string): RetransferConsent | null {
  try {
    return RetransferConsent.safeParse(peekJws(seal).payload).data ?? null
  } catch {
    return null
  }
}
