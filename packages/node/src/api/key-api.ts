import type { Revocation } from '@entente/schema'
import type { Revocations } from '../keys/revocations.ts'

/** What may be said about keys that no longer count. */
export interface KeyApi {
  /**
   * Takes in revocations that roots have signed, of any nation: they count at once, and go on to all partners.
   * @returns those that were new
   * @throws {RevocationError}
   */
  readonly revocationTake: (request: {
    readonly seals: readonly string[]
  }) => Promise<readonly Revocation[]>
}

export const createKeyApi = (revocations: Revocations): KeyApi => ({
  revocationTake: async ({ seals }) => revocations.take(seals, null),
})
