import type { DataRecord } from '@entente/schema'
import { type LinkSuggestion, suggestLinks } from '../alias/index.ts'
import type { Deps } from '../deps.ts'
import type { Ledger } from '../ledger/ledger.ts'
import { decideLink, type LinkDecision, undoLink } from '../parties/decide-link.ts'
import { type LinkRecord, linkHistory } from '../parties/link-history.ts'
import { decisionsIn } from '../parties/party-decisions.ts'
import type { DecidedRelation } from '../parties/relations.ts'
import { sourceNames } from '../parties/source-names.ts'
import type { View } from '../view/view.ts'

interface Said {
  readonly author: string
  readonly reason: string
}

/** What may be asked about the names of parties. Nothing links names but a person's decision. */
export interface AliasApi {
  /** Names that seem to belong together and are not decided on, the surest first. */
  readonly aliasSuggest: (request: {
    /** Only suggestions one of whose names contains this, letter case aside. */
    readonly text?: string | undefined
    /** Least confidence, percent. */
    readonly atLeast?: number | undefined
    readonly limit?: number | undefined
  }) => Promise<{ readonly names: number; readonly suggestions: readonly LinkSuggestion[] }>
  /** @throws {NodeError} `NAME_UNKNOWN`, `LINK_CONTRADICTS` */
  readonly aliasDecide: (request: LinkDecision & Said) => Promise<readonly DataRecord[]>
  /** @throws {NodeError} `LINK_UNKNOWN` */
  readonly aliasUndo: (
    request: Said & { readonly name: string; readonly other: string },
  ) => Promise<readonly DataRecord[]>
  /** What was decided, and taken back, by whom, when and why. */
  readonly aliasList: (request: { readonly text?: string | undefined }) => Promise<{
    readonly standing: readonly Standing[]
    readonly history: readonly LinkRecord[]
  }>
}

/** A decision that holds. */
export interface Standing {
  readonly name: string
  readonly relation: DecidedRelation
  readonly other: string
}

export function createAliasApi({ nation, clock }: Deps, ledger: Ledger, view: View): AliasApi {
  const context = () => ({
    ledger,
    view,
    nation,
    asOf: new Date(clock.nowMs()).toISOString().slice(0, 10),
  })
  return {
    aliasSuggest: async ({ text, atLeast, limit = 50 }) => {
      const names = sourceNames(view, nation)
      const { linked, distinct, parts, members } = decisionsIn(view, nation)
      // A whole and its part, a venture and its member are decided on, and are not one party.
      const decided = { linked, distinct: [...distinct, ...parts, ...members] }
      const wanted = text?.toLowerCase()
      const suggestions = suggestLinks(names, decided, atLeast).filter(
        (each) =>
          wanted === undefined || each.names.some((name) => name.toLowerCase().includes(wanted)),
      )
      return { names: names.length, suggestions: suggestions.slice(0, limit) }
    },
    aliasDecide: async ({ author, reason, ...decision }) =>
      decideLink(context(), decision, { author, reason }),
    aliasUndo: async ({ name, other, author, reason }) =>
      undoLink(context(), name, other, { author, reason }),
    aliasList: async ({ text }) => {
      const { linked, distinct, parts, members } = decisionsIn(view, nation)
      const standing: Standing[] = [
        ...linked.flatMap(([other = '', ...names]) =>
          names.map((name) => ({ name, relation: 'same-party', other }) as const),
        ),
        ...parts.map(([name, other]) => ({ name, relation: 'part-of', other }) as const),
        ...members.map(([name, other]) => ({ name, relation: 'takes-part', other }) as const),
        ...distinct.map(([name, other]) => ({ name, relation: 'distinct', other }) as const),
      ]
      const has = (name: string) =>
        text === undefined || name.toLowerCase().includes(text.toLowerCase())
      const history = await linkHistory(ledger, view, nation)
      // Several records may carry one name, and both ends of a link may say it.
      return {
        standing: uniqueBy(
          standing.filter(({ name, other }) => has(name) || has(other)),
          ({ name, relation, other }) =>
            relation === 'same-party' || relation === 'distinct'
              ? [relation, ...[name, other].toSorted()]
              : [relation, name, other],
        ),
        history: history
          .filter(({ supplier, values }) => [supplier, ...values].some(has))
          .filter((each, i, all) => i === 0 || decisionOf(each) !== decisionOf(all[i - 1])),
      }
    },
  }
}

/** A decision, whichever of the records with its name wrote it. */
const decisionOf = (of: LinkRecord | undefined): string =>
  JSON.stringify([of?.supplier, of?.field, of?.values, of?.author, of?.reason])

function uniqueBy<T>(items: readonly T[], keyOf: (item: T) => unknown): readonly T[] {
  const first = new Map<string, T>()
  for (const item of items) {
    const key = JSON.stringify(keyOf(item))
    if (!first.has(key)) first.set(key, item)
  }
  return [...first.values()]
}
