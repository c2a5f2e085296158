import type { Nation, RetransferConsent } from '@entente/schema'
import type { ConsentStore, KeptConsent } from '../consents/consent-store.ts'
import type { Deps } from '../deps.ts'
import { NodeError } from '../errors.ts'

/** What may be asked about consents to hand on what another nation gave. */
export interface ConsentApi {
  /** What a partner holds of an own record: what an officer consents over. @throws {NodeError} `CONSENT_NOT_HELD` */
  readonly consentDraft: (request: {
    readonly record: string
    readonly holder: Nation
  }) => Promise<ConsentDraft>
  /**
   * What a sealed consent says, once it has been found good. Changes nothing.
   * @throws {NodeError} `CONSENT_FORM`, `CONSENT_NATION`, `CONSENT_OFFICER`, `CONSENT_SEAL`, `CONSENT_HOLDER`, `CONSENT_EXPIRED`
   */
  readonly consentCheck: (request: { readonly seal: string }) => Promise<ConsentShown>
  /** Keeps it; what came from its record is decided again. @throws as `consentCheck` */
  readonly consentInstall: (request: {
    readonly seal: string
  }) => Promise<ConsentShown & { readonly outcome: 'installed' | 'known' }>
  readonly consentList: () => Promise<{
    readonly atMs: number
    readonly consents: readonly KeptConsent[]
  }>
}

export interface ConsentDraft {
  readonly nation: Nation
  readonly record: string
  readonly holder: Nation
  /** Digest of the fragment that the holder has. */
  readonly head: string
  /** Fields in it, sorted. */
  readonly fields: readonly string[]
}

export interface ConsentShown {
  readonly digest: string
  readonly consent: RetransferConsent
  readonly officer: string
  /** Own records that came from the one it names. */
  readonly records: readonly string[]
}

export function createConsentApi(
  { db, clock, nation }: Deps,
  consents: ConsentStore,
  changed: () => void,
): ConsentApi {
  const shown = (seal: string): ConsentShown => {
    const { digest, consent, officer } = consents.check(seal)
    return { digest, consent, officer: officer.name, records: consents.recordsFrom(consent.record) }
  }
  return {
    consentDraft: async ({ record, holder }) => {
      const row = db
        .prepare('SELECT digest, fields FROM held WHERE recipient = ? AND record = ?')
        .get(holder, record)
      if (row === undefined)
        throw new NodeError(
          'CONSENT_NOT_HELD',
          `${holder} holds nothing of ${record} from ${nation}, so there is nothing that it could hand on`,
        )
      const fields = Object.keys(JSON.parse(row['fields'] as string) as object).sort()
      return { nation, record, holder, head: row['digest'] as string, fields }
    },
    consentCheck: async ({ seal }) => shown(seal),
    consentInstall: async ({ seal }) => {
      const found = shown(seal)
      const outcome = consents.install(seal) === null ? 'known' : 'installed'
      if (outcome === 'installed') changed()
      return { ...found, outcome }
    },
    consentList: async () => ({ atMs: clock.nowMs(), consents: consents.all() }),
  }
}
