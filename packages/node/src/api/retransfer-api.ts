import type { SealedConsent } from '@entente/schema'
import { DatasetName } from '@entente/schema'
import {
  type GivenConsent,
  givenConsents,
  sealConsentGiven,
  sealConsentWithdrawn,
} from '../consents/consent-statements.ts'
import { refusing } from '../consents/refusing.ts'
import type { Deps } from '../deps.ts'
import { NodeError } from '../errors.ts'
import type { ReleaseLog } from '../log/release-log.ts'
import type { Retransferred, RetransferStore } from '../retransfer/retransfer-store.ts'
import type { View } from '../view/view.ts'

export type { GivenConsent } from '../consents/consent-statements.ts'
export type { Retransferred } from '../retransfer/retransfer-store.ts'

/** What may be asked about records of other nations that are handed on, and consents that are sent and withdrawn. */
export interface RetransferApi {
  /** Lets a record go, as it came, to whom its originator consents and policy permits. @throws {NodeError} `RECORD_UNKNOWN`, `RETRANSFER_OWN`, `RECEIVER_ONLY` */
  readonly retransferAdd: (request: {
    readonly record: string
    readonly dataset?: string | undefined
  }) => Promise<Retransferred>
  /** From now on nobody gets it from us; it is taken back from who has it. @throws {NodeError} `RETRANSFER_UNKNOWN` */
  readonly retransferRemove: (request: { readonly record: string }) => Promise<void>
  readonly retransferList: () => Promise<readonly Retransferred[]>
  /** Sends a consent that an officer of ours has sealed. @throws {NodeError} as `sealConsentGiven` */
  readonly consentSend: (request: { readonly seal: string }) => Promise<{
    readonly digest: string
    readonly consent: SealedConsent['consent']
    readonly officer: string
  }>
  /** @throws {NodeError} `CONSENT_UNKNOWN` */
  readonly consentWithdraw: (request: { readonly consent: string }) => Promise<GivenConsent>
  /** Consents of ours that have been sent. */
  readonly consentGiven: () => Promise<readonly GivenConsent[]>
}

export function createRetransferApi(
  context: {
    readonly deps: Deps
    readonly log: ReleaseLog
    readonly view: View
    readonly retransfers: RetransferStore
    readonly sealed: () => void
  },
  mustSeal: () => void,
  changed: () => void,
): RetransferApi {
  const { deps, log, view, retransfers } = context
  return {
    retransferAdd: async ({ record, dataset }) => {
      if (!deps.isReceiver)
        throw new NodeError(
          'RECEIVER_ONLY',
          `${deps.nation} receives at another node, ${deps.self.member.node.name}: what partners gave is handed on there`,
        )
      const name = dataset ?? view.byRecord(record)[0]?.dataset ?? ''
      retransfers.add(record, DatasetName.parse(name))
      changed()
      return retransfers.list().find((each) => each.record === record) as Retransferred
    },
    retransferRemove: async ({ record }) => {
      if (!retransfers.remove(record))
        throw new NodeError('RETRANSFER_UNKNOWN', `${record} is not handed on by us`)
      changed()
    },
    retransferList: async () => retransfers.list(),
    consentSend: async ({ seal }) => {
      mustSeal()
      const { digest, consent, officer } = refusing(() => sealConsentGiven(deps, log, seal))
      context.sealed()
      return { digest, consent, officer: officer.name }
    },
    consentWithdraw: async ({ consent }) => {
      mustSeal()
      const given = sealConsentWithdrawn(deps, log, consent)
      context.sealed()
      return given
    },
    consentGiven: async () => givenConsents(deps),
  }
}
