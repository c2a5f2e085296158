import {
  compilePolicy,
  compileRegister,
  type Moment,
  type PolicyDiff,
  PolicyDocument,
  RegisterDocument,
} from '@entente/policy'
import type { Nation } from '@entente/schema'
import type { Deps } from '../deps.ts'
import { NodeError } from '../errors.ts'
import { diffHeldBy, type PolicyBeside } from '../release/policy-diff.ts'
import type { PolicyStore } from '../release/policy-store.ts'
import { titleOf } from '../view/view.ts'

/** What may be asked about policies before they are signed. */
export interface PolicyApi {
  /** Who would gain and who would lose what of everything held. Changes nothing. @throws {NodeError} `NO_POLICY`, `POLICY_REFUSED` */
  readonly policyDiff: (request: PolicyDiffRequest) => Promise<PolicyDiffAnswer>
}

export interface PolicyDiffRequest {
  /** A policy as written, unsigned; absent: the latest edition installed, if there is one. */
  readonly before?: unknown
  readonly after?: unknown
  /** A register of agreements as written for the later policy; absent: the one in force, for both. */
  readonly register?: unknown
  /** Only these two times; absent: from now on, as long as the later policy is in force. */
  readonly moment?: Moment | undefined
}

export interface PolicyDiffAnswer extends PolicyDiff {
  readonly nation: Nation
  /** Null: no policy was in force. */
  readonly before: ComparedEdition | null
  readonly after: ComparedEdition
  /** Titles of the records that are named as examples, by id. */
  readonly titles: Readonly<Record<string, string>>
}

export interface ComparedEdition {
  readonly edition: number
  readonly digest: string
  readonly supersedes: string | null
}

export function createPolicyApi(deps: Deps, policies: PolicyStore): PolicyApi {
  const { db, clock, nation } = deps
  const beside = (document: unknown, register: unknown, what: string): PolicyBeside | null => {
    const nowMs = clock.nowMs()
    const compiled =
      document === undefined
        ? (policies.latest(nowMs)?.compiled ?? null)
        : compilePolicy(read(PolicyDocument, document, what))
    if (compiled === null) return null
    if (compiled.nation !== nation)
      throw new NodeError(
        'POLICY_REFUSED',
        `${what} is of ${compiled.nation}, the node is of ${nation}`,
      )
    const agreements =
      register === undefined
        ? (policies.registers.at(nowMs)?.compiled ?? null)
        : compileRegister(read(RegisterDocument, register, 'the register'))
    // The latest comes with its register already; that is replaced.
    return { policy: compiled, register: agreements }
  }
  return {
    policyDiff: async ({ before, after, register, moment }) => {
      const old = beside(before, undefined, 'the earlier policy')
      const fresh = beside(after, register, 'the later policy')
      if (fresh === null)
        throw new NodeError(
          'NO_POLICY',
          'no policy is in force here to compare with: name a file, or `entente policy install FILE`',
        )
      const fromMs = clock.nowMs()
      const diff = diffHeldBy(deps, old, fresh, moment === undefined ? { fromMs } : { moment })
      const ids = new Set(diff.held.changes.flatMap(({ examples }) => examples))
      return {
        ...diff,
        nation,
        before: old === null ? null : editionOf(old),
        after: editionOf(fresh),
        titles: Object.fromEntries([...ids].map((id) => [id, titleIn(db, id)])),
      }
    },
  }
}

function read<T>(schema: { readonly parse: (input: unknown) => T }, input: unknown, what: string) {
  try {
    return schema.parse(input)
  } catch (error) {
    throw new NodeError(
      'POLICY_REFUSED',
      `${what} cannot be read: entente policy check names what is wrong`,
      { cause: error },
    )
  }
}

const editionOf = ({ policy: { edition, digest, document } }: PolicyBeside): ComparedEdition => ({
  edition,
  digest,
  supersedes: document.supersedes ?? null,
})

function titleIn(db: Deps['db'], id: string): string {
  const row = db.prepare('SELECT kind, json FROM record WHERE id = ?').get(id)
  if (row === undefined) return id
  const { fields } = JSON.parse(row['json'] as string)
  return titleOf(row['kind'] as string, fields)
}
