import { digestRequest, type Nation, type RequestBody, toBase64url } from '@entente/schema'
import type { Deps } from '../deps.ts'
import type { ReleaseLog } from '../log/release-log.ts'
import { appendToControlFeed } from '../release/control-feed.ts'
import type { RequestStore, StoredRequest } from './request-store.ts'

/** What is asked, before it has its salt. */
export type RequestDraft = {
  [A in RequestBody['ask']]: Omit<Extract<RequestBody, { ask: A }>, 'salt'>
}[RequestBody['ask']]

/** Asks a nation: one statement in our control feed to it, what is asked beside it. @returns number and digest of the request @throws {NodeError} `REQUEST_FLOOD` */
export function sealRequest(
  deps: Deps,
  log: ReleaseLog,
  store: RequestStore,
  to: Nation,
  draft: RequestDraft,
): { readonly id: number; readonly statement: string } {
  const body = { ...draft, salt: toBase64url(deps.randomBytes(16)) } as RequestBody
  const said = { ask: body.ask, body: digestRequest(body, deps.hash) }
  const made = deps.db.transact(() => {
    store.mustTakeMine(to)
    const { statement } = appendToControlFeed(deps, log, 'request', to, said, { body })
    return { id: store.noteMine(statement, to, body, deps.clock.nowMs()), statement }
  })
  log.noteHead()
  return made
}

/**
 * Answers every request whose time has come, whatever has been said of it: what nobody has granted is refused in the same words as what is
 * unknown here. @returns whether something was sealed
 */
export function sealAnswers(deps: Deps, log: ReleaseLog, store: RequestStore): boolean {
  // By a clock that nobody believes no answer is on time.
  if (log.clockFault() !== null) return false
  const atMs = deps.clock.nowMs()
  const due = store.due(atMs).filter(({ nation }) => deps.partners.has(nation))
  if (due.length === 0) return false
  deps.db.transact(() => {
    for (const { id, nation, statement: about, arrivedMs: arrived, decided } of due) {
      const decision = decided ?? 'deny'
      appendToControlFeed(deps, log, 'answer', nation, { about, decision, arrived })
      store.noteAnswer(id, decision, atMs)
    }
  })
  log.noteHead()
  return true
}

/** Says yes to a request that was refused when its time came. */
export function sealAnswerNow(
  deps: Deps,
  log: ReleaseLog,
  store: RequestStore,
  { id, nation, statement: about, arrivedMs: arrived }: StoredRequest,
): void {
  deps.db.transact(() => {
    appendToControlFeed(deps, log, 'answer', nation, { about, decision: 'approve', arrived })
    store.noteAnswer(id, 'approve', deps.clock.nowMs())
  })
  log.noteHead()
}
