import type { NationRecall, Revocation } from '@entente/schema'
import type { Revocations } from '../keys/revocations.ts'
import type { NationRecalls } from '../nation-recalls/nation-recalls.ts'

/** What roots have signed about keys that no longer count, and what nations take back by their word. */
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
   * Takes in recalls that roots, or nodes for their nations, have signed: they count at once, and go on to all partners.
   * @returns those that were new
   * @throws {NationRecallError}
   */
  readonly rootRecallTake: (request: {
    readonly seals: readonly string[]
  }) => Promise<readonly NationRecall[]>
}

export const createKeyApi = (revocations: Revocations, recalls: NationRecalls): KeyApi => ({
  revocationTake: async ({ seals }) => revocations.take(seals, null),
  rootRecallTake: async ({ seals }) => recalls.take(seals, null),
})
