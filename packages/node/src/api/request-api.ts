import {
  type DataRecord,
  type DecisionSeal,
  digestDisclosure,
  digestFragment,
  type Inputs,
  type Json,
  type Nation,
  openConsent,
  type RecordId,
  sealerOf,
} from '@entente/schema'
import { wordLeaf } from '../approvals/kept-words.ts'
import { sealConsentGiven } from '../consents/consent-statements.ts'
import { refusing } from '../consents/refusing.ts'
import type { Deps } from '../deps.ts'
import { NodeError } from '../errors.ts'
import type { Ledger } from '../ledger/ledger.ts'
import type { ReleaseLog } from '../log/release-log.ts'
import { shownFragment } from '../records/shown-fragment.ts'
import type { Planner } from '../release/plan.ts'
import type { PolicyStore } from '../release/policy-store.ts'
import { type Grantable, grantable, mustBeGrantable } from '../requests/may-grant.ts'
import type { Decision, RequestStore, StoredRequest } from '../requests/request-store.ts'
import { type RequestDraft, sealAnswerNow, sealRequest } from '../requests/seal-request.ts'
import {
  type ChangeSuggestion,
  compareSuggestion,
  suggestedBy,
  wasTakenIn,
} from '../requests/suggestion.ts'
import type { View } from '../view/view.ts'

export type { Grantable } from '../requests/may-grant.ts'
export type { Decision, StoredRequest } from '../requests/request-store.ts'
export type { ChangeSuggestion } from '../requests/suggestion.ts'

/** What may be asked of other nations, and answered to them. */
export interface RequestApi {
  /**
   * Asks another nation, in a signed statement.
   * @throws {NodeError} `REQUEST_FORM`, `REQUEST_FLOOD`, `RECORD_UNKNOWN`, `PARTNER_UNKNOWN`
   */
  readonly requestAsk: (request: Ask) => Promise<StoredRequest>
  /** Ours, and those asked of us, with their clocks. */
  readonly requestList: () => Promise<{
    readonly nation: Nation
    readonly atMs: number
    readonly requests: readonly ListedRequest[]
  }>
  /** One of them, with what its answer rests on. @throws {NodeError} `REQUEST_UNKNOWN` */
  readonly requestShow: (request: { readonly id: number }) => Promise<ShownRequest>
  /**
   * Says yes or no to one that was asked of us. The answer goes when its time has come.
   * @throws {NodeError} `REQUEST_UNKNOWN`, `REQUEST_REFUSED`, `REQUEST_POLICY`, `REQUEST_SIGNER`, `BASE_CHANGED`, `CONSENT_*`
   */
  readonly requestAnswer: (request: AnswerRequest) => Promise<StoredRequest>
}

/** Who asks, and why. */
interface Asked {
  readonly by: string
  readonly reason: string
}

export type Ask = Asked &
  (
    | {
        readonly ask: 'release'
        /** Unless the record says it: who is asked. */
        readonly to?: Nation | undefined
        readonly record: string | null
        readonly about: string | null
        readonly fields: readonly string[]
      }
    | {
        readonly ask: 'retransfer'
        readonly record: string
        readonly fields: readonly string[]
        readonly recipients: readonly Nation[]
        readonly purpose: Inputs['purpose']
        readonly derived: boolean
        readonly untilMs: number
      }
    | {
        readonly ask: 'change'
        readonly record: string
        readonly field: string
        readonly value: Json
      }
  )

export interface AnswerRequest extends Asked {
  readonly id: number
  readonly decision: Decision
  /** An officer's JWS of a `DecisionSeal` about the request; needed to grant a release. */
  readonly seal?: string | undefined
  /** Consents that grant a retransfer. */
  readonly consents?: readonly string[] | undefined
  /** Which record of ours a described one is. */
  readonly record?: string | undefined
  /** Takes a suggested value in though another one stood when it was suggested. */
  readonly over?: boolean | undefined
}

export interface ListedRequest extends StoredRequest {
  /** Its time has passed, and no answer has gone, or come. */
  readonly overdue: boolean
}

export interface ShownRequest {
  readonly nation: Nation
  readonly request: ListedRequest
  /** Of a suggested change that was asked of us: the value beside the one that stands; null: it names none of our records. */
  readonly suggestion: ChangeSuggestion | null
  /** Of a release that was asked of us: how far policy lets it go; null: it names none of our records. */
  readonly grantable: Grantable | null
}

export interface RequestContext {
  readonly deps: Deps
  readonly log: ReleaseLog
  readonly ledger: Ledger
  readonly view: View
  readonly policies: Pick<PolicyStore, 'at'>
  readonly releaser: { readonly planner: Planner; readonly wake: () => void }
  readonly requests: RequestStore
  readonly sealed: () => void
  /** The next answer may be due at another time. */
  readonly answersChanged: () => void
}

export function createRequestApi(context: RequestContext, mustSeal: () => void): RequestApi {
  const { deps, log, ledger, view, requests, releaser, policies } = context
  const { db, clock, nation, partners, roster, verify, hash, fragmentKey } = deps
  const get = (id: string): DataRecord | null => ledger.get(id as RecordId)
  const partner = (to: Nation): Nation => {
    if (partners.has(to)) return to
    throw new NodeError('PARTNER_UNKNOWN', `${to} is not in the roster, so it cannot be asked`)
  }
  const listed = (request: StoredRequest): ListedRequest => {
    const { side, dueMs, answer } = request
    // Another clock, and the way here, are given some time.
    const graceMs = side === 'mine' ? roster.witnessPolicy.toleranceMs : 0
    return { ...request, overdue: answer === null && clock.nowMs() > dueMs + graceMs }
  }
  const found = (id: number): StoredRequest => {
    const request = requests.byId(id)
    if (request === null)
      throw new NodeError('REQUEST_UNKNOWN', `there is no request ${id}: entente request list`)
    return request
  }

  /** What we hold of a record from its originator: the ground on which anything is asked about it. */
  const heldFrom = (id: string) => {
    const [row] = view.byRecord(id)
    const fragment = row === undefined ? null : shownFragment(db, view, id)
    if (row === undefined || fragment === null || row.sender !== row.originator)
      throw new NodeError(
        'RECORD_UNKNOWN',
        `this node holds nothing of ${id} that its originator gave it`,
      )
    const head = digestFragment(fragment.head, hash)
    return { originator: row.originator, fragment, head }
  }
  const draftOf = (ask: Ask): { readonly to: Nation; readonly draft: RequestDraft } => {
    const { by, reason } = ask
    if (ask.ask === 'release') {
      if (ask.record === null && ask.about === null)
        throw new NodeError('REQUEST_FORM', 'name a record by its id, or say what it is about')
      const named = ask.record === null ? undefined : view.byRecord(ask.record)[0]?.originator
      const to = ask.to ?? named
      if (to === undefined) throw new NodeError('REQUEST_FORM', 'say with --from who is asked')
      if (to === nation) throw new NodeError('REQUEST_FORM', `${nation} has it: nobody asks itself`)
      const { record, about } = ask
      return {
        to,
        draft: { ask: 'release', by, reason, record, about, fields: sorted(ask.fields) },
      }
    }
    const { originator: to, fragment, head } = heldFrom(ask.record)
    const disclosed = (field: string) => fragment.disclosures.find(([, name]) => name === field)
    if (ask.ask === 'change') {
      const { record, field, value } = ask
      const now = disclosed(field)
      const base = now === undefined ? null : digestDisclosure(now, hash)
      return { to, draft: { ask: 'change', by, reason, record, field, head, base, value } }
    }
    const { record, fields, recipients, purpose, derived, untilMs: until } = ask
    const strange = fields.filter((field) => disclosed(field) === undefined)
    if (fields.length === 0 || strange.length > 0)
      throw new NodeError(
        'REQUEST_FORM',
        fields.length === 0
          ? 'name the fields that are to be handed on'
          : `we do not hold ${strange.join(', ')} of it from ${to}`,
      )
    const wrong = recipients.filter((each) => each === nation || each === to)
    if (recipients.length === 0 || wrong.length > 0)
      throw new NodeError('REQUEST_FORM', `name other nations than ${nation} and ${to}`)
    if (until <= clock.nowMs())
      throw new NodeError('REQUEST_FORM', 'the consent would end before it began')
    const said = { record, head, fields: sorted(fields), recipients: sorted(recipients) }
    return { to, draft: { ask: 'retransfer', by, reason, ...said, purpose, derived, until } }
  }

  const suggestionOf = ({ nation: from, body }: StoredRequest): ChangeSuggestion | null => {
    const record = body?.ask === 'change' ? get(body.record) : null
    if (record === null || body?.ask !== 'change') return null
    const atMs = clock.nowMs()
    const { composition } = releaser.planner.plan(record.id, from, policies.at(atMs), atMs)
    return compareSuggestion(record, body, composition, fragmentKey, hash)
  }
  const grantableOf = ({ nation: from, body }: StoredRequest, id?: string): Grantable | null => {
    if (body?.ask !== 'release') return null
    const record = id ?? body.record
    const { planner } = releaser
    return record === null
      ? null
      : grantable(deps, { planner, policies, get }, from, record, body.fields)
  }

  /** An officer's word on a request. @throws {NodeError} `REQUEST_SIGNER` */
  const checkSeal = (about: string, decision: Decision, seal: string): void => {
    const sentence: DecisionSeal = { nation, about, decision }
    if (sealerOf(seal, sentence, roster.members.get(nation)?.officers ?? [], verify) === null)
      throw new NodeError(
        'REQUEST_SIGNER',
        `the seal is of no release officer whom the root of ${nation} has certified, or over something else: sign with an officer’s key`,
      )
  }
  const grant = async (request: StoredRequest, answer: AnswerRequest): Promise<void> => {
    const { body, statement, nation: from } = request
    if (body?.ask === 'release') {
      mustBeGrantable(grantableOf(request, answer.record), from, body.fields)
      if (answer.seal === undefined)
        throw new NodeError('REQUEST_SIGNER', 'a release officer grants it: sign with --key')
    } else if (body?.ask === 'change') await merge(request, answer)
    else if (body?.ask === 'retransfer') {
      const seals = answer.consents ?? []
      if (seals.length === 0)
        throw new NodeError('REQUEST_SIGNER', 'a release officer consents: sign with --key')
      for (const seal of seals) mustAnswer(body, from, seal)
      for (const seal of seals) refusing(() => sealConsentGiven(deps, log, seal, statement))
    } else throw new NodeError('REQUEST_FORM', 'this version cannot read what is asked: refuse it')
  }
  /** A consent that answers goes no further than what was asked. */
  const mustAnswer = (
    body: Extract<StoredRequest['body'], { ask: 'retransfer' }>,
    holder: Nation,
    seal: string,
  ): void => {
    const { consent } = refusing(() => openConsent(seal, roster.members, verify))
    const fits =
      consent.holder === holder &&
      consent.record === body.record &&
      consent.head === body.head &&
      consent.purpose === body.purpose &&
      consent.until <= body.until &&
      (body.derived || !consent.derived) &&
      consent.fields.every((field) => body.fields.includes(field)) &&
      consent.recipients.every((to) => body.recipients.includes(to))
    if (!fits) throw new NodeError('REQUEST_REFUSED', 'the consent lets more go than was asked for')
  }
  const merge = async (request: StoredRequest, answer: AnswerRequest): Promise<void> => {
    const suggestion = suggestionOf(request)
    if (suggestion === null || request.body?.ask !== 'change')
      throw new NodeError('RECORD_UNKNOWN', 'the suggestion names no record of ours: refuse it')
    const { record, field, suggested, base } = suggestion
    // The ledger and the word on a request are not one transaction: said again, the first is not done twice nor taken for a conflict.
    const history = await ledger.history(record as RecordId)
    if (answer.over !== true && wasTakenIn(request, history)) return
    if (base === 'changed' && answer.over !== true)
      throw new NodeError(
        'BASE_CHANGED',
        `${field} says something else now than when ${request.nation} suggested its value: look at \`entente request show ${request.id}\`, then take it in all the same with --over, or refuse`,
      )
    await ledger.edit(
      record as RecordId,
      { set: { [field]: { value: suggested } } },
      {
        author: answer.by,
        reason: answer.reason,
        suggestedBy: suggestedBy(request.body, request),
        suggestion: request.statement,
      },
    )
  }

  return {
    requestAsk: async (ask) => {
      mustSeal()
      const { to, draft } = draftOf(ask)
      const { id } = sealRequest(deps, log, requests, partner(to), draft)
      context.sealed()
      return found(id)
    },
    requestList: async () => ({
      nation,
      atMs: clock.nowMs(),
      requests: requests.all().map(listed),
    }),
    requestShow: async ({ id }) => {
      const request = found(id)
      const isTheirs = request.side === 'theirs'
      return {
        nation,
        request: listed(request),
        suggestion: isTheirs ? suggestionOf(request) : null,
        grantable: isTheirs ? grantableOf(request) : null,
      }
    },
    requestAnswer: async (answer) => {
      mustSeal()
      const { id, decision, by, reason, seal } = answer
      const request = found(id)
      if (request.side === 'mine')
        throw new NodeError('REQUEST_REFUSED', `${request.nation} answers this one, not we`)
      if (request.decided === 'approve')
        throw new NodeError(
          'REQUEST_REFUSED',
          'it has been granted: what has gone is taken back by release recall or consent withdraw',
        )
      if (seal !== undefined) checkSeal(request.statement, decision, seal)
      if (decision === 'approve') await grant(request, answer)
      db.transact(() => {
        const atMs = log.nextAtMs()
        if (seal !== undefined)
          log.append([wordLeaf(deps, decision, request.statement, seal, atMs)])
        requests.decide(id, { decision, by, reason })
      })
      log.noteHead()
      // The time of its answer has passed: a grant is said at once.
      if (decision === 'approve' && request.answer !== null)
        sealAnswerNow(deps, log, requests, request)
      context.sealed()
      context.answersChanged()
      releaser.wake()
      return found(id)
    },
  }
}

const sorted = (names: readonly string[]): string[] => [...new Set(names)].sort()
