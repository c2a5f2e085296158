import type { Nation } from '@entente/schema'
import type { GivenBundle } from '../courier/export-bundle.ts'
import type { TakenBundle } from '../courier/import-bundle.ts'

export type { GivenBundle } from '../courier/export-bundle.ts'
export type { TakenBundle } from '../courier/import-bundle.ts'
export type { BundleRefusal } from '../courier/take-frames.ts'

/** What goes by courier, in files. */
export interface BundleApi {
  /**
   * Writes all that one partner may have now and does not have yet, with our acknowledgements and what witnesses say.
   * @throws {NodeError} `PARTNER_UNKNOWN`, `ASKING`, `FROZEN`; {ExportError} `FILE_EXISTS`, `FILE_UNWRITABLE`
   */
  readonly bundleExport: (request: {
    readonly to: Nation
    readonly path: string
    readonly overwrite?: boolean
  }) => Promise<GivenBundle>
  /** Takes a bundle in. @throws {CourierError}, {NodeError} `FILE_UNREADABLE`, `ASKING`, `FROZEN` */
  readonly bundleImport: (request: { readonly path: string }) => Promise<TakenBundle>
}
