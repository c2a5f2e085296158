import type { Nation } from '@entente/schema'

/** Events worth keeping for operators. Identifiers, codes and counts only: record content never. */
export interface Journal {
  readonly sealed: (event: { readonly size: number; readonly statements: number }) => void
  readonly published: (event: { readonly size: number; readonly cosignatures: number }) => void
  readonly frozen: (event: { readonly reason: string }) => void
  readonly admitted: (event: {
    readonly from: Nation
    readonly feed: string
    readonly seq: number
    readonly refused: number
  }) => void
  /** A claim of a partner that did not hold; `code` names it. */
  readonly refused: (event: {
    readonly from: Nation
    readonly code: string
    readonly message: string
  }) => void
  readonly partner: (event: {
    readonly nation: Nation
    readonly state: 'connected' | 'disconnected'
  }) => void
  readonly fault: (event: {
    readonly where: string
    readonly code: string
    readonly message: string
  }) => void
}
export type JournalEvent = keyof Journal
