import { existsSync } from 'node:fs'
import { type PolicyDiffAnswer, type PolicyDiffRequest, pathsOf } from '@entente/node'
import {
  type CompiledPolicy,
  compilePolicy,
  diffPolicies,
  type Moment,
  momentsOf,
  type PolicyDocument,
  testRecords,
} from '@entente/policy'
import type { Session } from './session.ts'

/** A comparison, and what it was made over. */
export interface Comparison {
  readonly answer: PolicyDiffAnswer
  /** Null: over everything that the node holds; else why it was not, in words. */
  readonly offline: string | null
}

interface Compared {
  /** Absent: the edition in force at the node, if there is one. */
  readonly before?: PolicyDocument
  readonly after: PolicyDocument
  readonly register?: unknown
  readonly moment?: Moment
}

/** Whether this folder is a node's. */
export const hasNode = ({ folder }: Pick<Session, 'folder'>): boolean =>
  existsSync(pathsOf(folder).config)

/** Sets two policies side by side, over what the node of their nation holds, or without it over what can be known. */
export async function comparePolicies(session: Session, compared: Compared): Promise<Comparison> {
  if (!hasNode(session))
    return { answer: withoutNode(compared, session.io.nowMs()), offline: 'there is no node here' }
  return session.atNode(async (api) => {
    if (api.nation !== compared.after.nation)
      return {
        answer: withoutNode(compared, session.io.nowMs()),
        offline: `the node here is of ${api.nation}`,
      }
    const request: PolicyDiffRequest = compared
    return { answer: await api.policyDiff(request), offline: null }
  })
}

/** Over the records that the tests of both are about, field by field, and one question of every sort. */
function withoutNode({ before, after, moment }: Compared, nowMs: number): PolicyDiffAnswer {
  const old = before === undefined ? null : compilePolicy(before)
  const fresh = compilePolicy(after)
  const moments = moment === undefined ? momentsOf(old, fresh, nowMs) : [moment]
  const records = [...(before === undefined ? [] : testRecords(before)), ...testRecords(after)].map(
    (record, i) => ({ ...record, id: `test ${i + 1}` }),
  )
  const diff = diffPolicies({
    before: old,
    after: fresh,
    nation: after.nation,
    records,
    at: moments[0] ?? null,
    moments,
    identity: false,
  })
  return {
    ...diff,
    nation: after.nation,
    before: old === null ? null : editionOf(old),
    after: editionOf(fresh),
    titles: {},
  }
}

const editionOf = ({ edition, digest, document }: CompiledPolicy) => ({
  edition,
  digest,
  supersedes: document.supersedes ?? null,
})
