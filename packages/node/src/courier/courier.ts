import type { Nation } from '@entente/schema'
import type { BundleApi } from '../api/bundle-api.ts'
import { NodeError } from '../errors.ts'
import { type ExportContext, exportBundle } from './export-bundle.ts'
import { type ImportContext, importBundle } from './import-bundle.ts'

export interface CourierContext extends ExportContext, ImportContext {
  readonly partner: (nation: Nation) => Nation
  /** What is waiting is decided, and acknowledgements are committed to, before anything is written. */
  readonly beforeExport: () => Promise<void>
  /** Something was taken in. */
  readonly afterImport: () => void
}

/** The verbs of the courier, one at a time. @param context null: this node is open without a network, and has not been told that it has none */
export function createCourier(context: CourierContext | null): BundleApi {
  let last: Promise<unknown> = Promise.resolve()
  const inTurn = <T>(work: () => Promise<T>): Promise<T> => {
    const next = last.then(work, work)
    last = next.catch(() => {})
    return next
  }
  const ready = (): CourierContext => {
    if (context === null)
      throw new NodeError(
        'ASKING',
        'a bundle is made and taken in by a node that may sign: start it with `entente serve`, then run this again; or, at a node that has no network, add --offline',
      )
    const { state, words } = context.guard.state()
    if (state !== 'serving') throw new NodeError(state === 'frozen' ? 'FROZEN' : 'ASKING', words)
    return context
  }
  return {
    bundleExport: ({ to, path, overwrite = false }) =>
      inTurn(async () => {
        const courier = ready()
        const partner = courier.deps.partners.get(courier.partner(to))
        if (partner === undefined) throw new NodeError('PARTNER_UNKNOWN', `${to} is no partner`)
        await courier.beforeExport()
        return exportBundle(courier, partner, { path, overwrite })
      }),
    bundleImport: ({ path }) =>
      inTurn(async () => {
        const courier = ready()
        try {
          return await importBundle(courier, path)
        } finally {
          courier.afterImport()
        }
      }),
  }
}
