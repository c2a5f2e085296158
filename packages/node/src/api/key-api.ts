import type { Revocation, SignedRootRecall } from '@entente/schema'
import type { Revocations } from '../keys/revocations.ts'
import type { RootRecalls } from '../root-recalls/root-recalls.ts'

/** What roots have signed about keys that no longer count, and of what they take back. */
export interface KeyApi {
  /**
   * Takes in revocations that roots have signed, of any nation: they count at once, and go on to all partners.
   * @returns those that were new
   * @throws {RevocationError}
   */
  readonly revocationTake: (request: {
    readonly seals: readonly string[]
  }) => Promise<readonly Revocation[]>
  /**
   * Takes in recalls that roots have signed, of any nation: they count at once, and go on to all partners.
   * @returns those that were new
   * @throws {RootRecallError}
   */
  readonly rootRecallTake: (request: {
    readonly seals: readonly string[]
  }) => Promise<readonly SignedRootRecall[]>
}

export const createKeyApi = (revocations: Revocations, recalls: RootRecalls): KeyApi => ({
  revocationTake: async ({ seals }) => revocations.take(seals, null),
  rootRecallTake: async ({ seals }) => recalls.take(seals, null),
})
