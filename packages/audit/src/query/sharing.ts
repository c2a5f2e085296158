import { applyAsked, formatSelector, type Kind, type Nation, type Selection } from '@entente/schema'
import { type Audits, compare } from './audits.ts'

/** One word by which a nation asked another for a dataset or a part of it, or no longer. */
export interface AskedRow {
  readonly by: Nation
  readonly to: Nation
  /** Leaf of the log of who asks. */
  readonly leaf: number
  readonly atMs: number
  readonly dataset: string
  readonly action: 'subscribe' | 'unsubscribe'
  /** In words; empty: all of the dataset. */
  readonly part: string
  /** It was asked in place of all before. */
  readonly only: boolean
  /** Parts that it asked for from then on, in words; the empty text: all of it. None: nothing. */
  readonly after: readonly string[]
}

/** Every word by which nations subscribed, by their own logs, with what they asked for once it was said. */
export function subscriptions(audits: Audits): readonly AskedRow[] {
  const rows: AskedRow[] = []
  for (const { nation: by, leaves } of audits.values()) {
    const selections = new Map<string, Selection>()
    for (const { index, kind, statement } of leaves.byIndex.values()) {
      if (kind !== 'subscribe') continue
      const { recipient: to, at, dataset, action, only = false } = statement
      const key = `${to} ${dataset}`
      const after = applyAsked(selections.get(key) ?? [], statement)
      selections.set(key, after)
      const part = formatSelector(statement)
      const asked = { by, to, leaf: index, atMs: at, dataset, action, part, only }
      rows.push({ ...asked, after: after.map(formatSelector) })
    }
  }
  return rows.sort((a, b) => compare(a.by, b.by) || a.leaf - b.leaf)
}

/** One line of what a nation offered another, or a word by which the catalogue was asked for. */
export interface OfferedRow {
  readonly by: Nation
  readonly to: Nation
  /** Leaf of the log of `by`. */
  readonly leaf: number
  readonly atMs: number
  /** `nothing`: a catalogue that offers nothing. */
  readonly what: 'asked' | 'given up' | 'offered' | 'nothing'
  /** Of an offer alone, as the next three. */
  readonly dataset: string | null
  readonly kinds: readonly Kind[]
  readonly topics: readonly string[]
  /** Edition of the policy by which it was offered; null: none was in force, or unknown. */
  readonly edition: number | null
}

/** Who asked for whose catalogue, and what it said, by the logs of those who said so. */
export function catalogues(audits: Audits): readonly OfferedRow[] {
  const rows: OfferedRow[] = []
  const none = { dataset: null, kinds: [], topics: [], edition: null }
  for (const { nation: by, leaves, policies } of audits.values())
    for (const { index: leaf, kind, statement } of leaves.byIndex.values()) {
      if (kind !== 'catalogue' && kind !== 'catalogue-request') continue
      const said = { by, to: statement.recipient, leaf, atMs: statement.at }
      if (kind === 'catalogue-request') {
        const what = statement.action === 'subscribe' ? 'asked' : 'given up'
        rows.push({ ...none, ...said, what })
        continue
      }
      const { policy, datasets } = statement
      const edition =
        policy === null ? null : (policies.get(policy)?.leaf.statement.edition ?? null)
      if (datasets.length === 0) rows.push({ ...none, ...said, what: 'nothing', edition })
      for (const { dataset, kinds, topics } of datasets)
        rows.push({ ...said, what: 'offered', dataset, kinds, topics, edition })
    }
  return rows.sort((a, b) => compare(a.by, b.by) || a.leaf - b.leaf)
}
