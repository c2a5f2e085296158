import type { Nation } from '@entente/schema'
import type { Deps } from '../deps.ts'
import { NodeError } from '../errors.ts'
import type { ReleaseLog } from '../log/release-log.ts'
import { type AskedOf, askedByUs } from '../release/asked-by-us.ts'
import {
  askForCatalogue,
  catalogueOf,
  type GivenCatalogue,
} from '../release/catalogue/catalogues.ts'

export type { AskedOf } from '../release/asked-by-us.ts'
export type { GivenCatalogue } from '../release/catalogue/catalogues.ts'

export interface CatalogueApi {
  /**
   * What partners offer us, by their last word; a partner that was never asked is asked now, and its answer awaited for a while.
   * @throws NodeError `PARTNER_UNKNOWN`
   */
  readonly catalogue: (request: { readonly from?: Nation; readonly waitMs?: number }) => Promise<{
    readonly catalogues: readonly GivenCatalogue[]
    /** What we have asked for already. */
    readonly asked: readonly AskedOf[]
  }>
}

const lookMs = 100

export function createCatalogueApi(
  deps: Deps,
  log: ReleaseLog,
  { mustSeal, sealed }: { readonly mustSeal: () => void; readonly sealed: () => void },
): CatalogueApi {
  return {
    catalogue: async ({ from, waitMs = 20_000 }) => {
      const nations = from === undefined ? [...deps.partners.keys()].sort() : [from]
      for (const nation of nations)
        if (!deps.partners.has(nation))
          throw new NodeError('PARTNER_UNKNOWN', `${nation} is not in the roster`)
      const read = () => nations.map((nation) => catalogueOf(deps, nation))
      const unasked = read().filter(({ asked }) => !asked)
      if (unasked.length > 0) mustSeal()
      for (const { nation } of unasked) askForCatalogue(deps, log, nation)
      if (unasked.length > 0) sealed()
      const signal = AbortSignal.timeout(waitMs)
      while (read().some(({ atMs }) => atMs === null) && !signal.aborted)
        await new Promise((resolve) => setTimeout(resolve, lookMs))
      return { catalogues: read(), asked: askedByUs(deps.db) }
    },
  }
}
