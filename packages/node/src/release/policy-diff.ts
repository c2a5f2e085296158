import {
  type CompiledPolicy,
  type CompiledRegister,
  diffPolicies,
  type Moment,
  momentsOf,
  type PolicyDiff,
  withConsents,
  withRegister,
} from '@entente/policy'
import type { DataRecord, Nation } from '@entente/schema'
import { readConsents } from '../consents/consent-store.ts'
import type { Deps } from '../deps.ts'

/** A policy and the register of agreements that it is read beside. */
export interface PolicyBeside {
  readonly policy: CompiledPolicy
  readonly register: CompiledRegister | null
}

/**
 * What would go otherwise, of everything held and of every sort of question, if one policy stood in another's place.
 * Both are read beside the consents that are held.
 * @param before null: nothing was in force
 * @param moment only these two times; else from `fromMs` on, as long as the later policy is in force
 */
export function diffHeldBy(
  deps: Pick<Deps, 'db' | 'nation' | 'roster' | 'verify'>,
  before: PolicyBeside | null,
  after: PolicyBeside,
  time: { readonly fromMs: number } | { readonly moment: Moment },
): PolicyDiff {
  const { db, nation } = deps
  const consents = readConsents(deps)
  const compiled = ({ policy, register }: PolicyBeside): CompiledPolicy =>
    withConsents(register === null ? policy : withRegister(policy, register), consents)
  const [old, fresh] = [before === null ? null : compiled(before), compiled(after)]
  const moments = 'moment' in time ? [time.moment] : momentsOf(old, fresh, time.fromMs)
  return diffPolicies({
    before: old,
    after: fresh,
    nation,
    records: ownRecords(db, nation),
    at: moments[0] ?? null,
    moments,
  })
}

/** Every own record, one at a time. */
function* ownRecords(db: Deps['db'], nation: Nation): Generator<DataRecord> {
  for (const row of db.prepare('SELECT json FROM record').iterate()) {
    const record = JSON.parse(row['json'] as string) as DataRecord
    if (record.originator === nation) yield record
  }
}
