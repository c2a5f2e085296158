import type { Json, Label, RecordId } from '@entente/schema'
import type { Aggregates, PlannedAggregate } from '../aggregate/aggregates.ts'
import { NodeError } from '../errors.ts'
import type { Ledger } from '../ledger/ledger.ts'

/** What may be asked about aggregates. */
export interface AggregateApi {
  /** What a run would do now, cell by cell, and why. Changes nothing. @throws {NodeError} `NO_POLICY`, `AGGREGATE_UNKNOWN` */
  readonly aggregatePreview: (request: {
    readonly id?: string | undefined
  }) => Promise<AggregateAnswer>
  /** Publishes, keeps and withdraws. The same again changes nothing. @throws {NodeError} `NO_POLICY` */
  readonly aggregateRun: (request: {
    readonly author: string
    readonly reason: string
  }) => Promise<AggregateAnswer & { readonly withdrawn: readonly RecordId[] }>
  /** What stands now. */
  readonly aggregateShow: () => Promise<readonly StandingCell[]>
}

export interface AggregateAnswer {
  readonly edition: number
  readonly aggregates: readonly {
    readonly id: string
    readonly title: string
    readonly cells: readonly AggregateCell[]
  }[]
}

/** One cell: what is, or would be, done with it and why. */
export interface AggregateCell {
  readonly cell: string
  readonly outcome: 'publish' | 'keep' | 'suppress'
  readonly because: string
  readonly contributors: number
  readonly records: number
  /** Records of the cell that do not count: not active, not valid today, silent on what is measured, or edited apart. */
  readonly left: number
  /** The derived record that stands; null: none does. */
  readonly record: RecordId | null
  /** What is published, or stands; null: nothing. */
  readonly value: Json | null
  readonly label: Label | null
}

export interface StandingCell {
  readonly aggregate: string
  readonly cell: string
  readonly record: RecordId
  readonly edition: number
  readonly atMs: number
  readonly contributors: number
  readonly value: Json
  readonly label: Label | null
  /** Of the derived record: `withdrawn` where somebody took it off by hand. */
  readonly status: string
}

export function createAggregateApi(aggregates: Aggregates, ledger: Ledger): AggregateApi {
  const shown = ({ definition, cells }: PlannedAggregate) => ({
    id: definition.id,
    title: definition.title,
    cells: cells.map((plan): AggregateCell => {
      const { cell, outcome, because, contributors, records, left, record } = plan
      const said = record === null ? undefined : ledger.get(record)?.fields['aggregate']
      const { value = null, label = null } =
        plan.outcome === 'publish' ? plan.publication : outcome === 'keep' ? (said ?? {}) : {}
      return { cell, outcome, because, contributors, records, left, record, value, label }
    }),
  })
  return {
    aggregatePreview: async ({ id }) => {
      const { edition, aggregates: all } = aggregates.plan()
      const wanted = all.filter(({ definition }) => id === undefined || definition.id === id)
      if (id !== undefined && wanted.length === 0)
        throw new NodeError(
          'AGGREGATE_UNKNOWN',
          `${id} is no aggregate of policy edition ${edition}; it defines ${all.map(({ definition }) => definition.id).join(', ') || 'none'}`,
        )
      return { edition, aggregates: wanted.map(shown) }
    },
    aggregateRun: async (change) => {
      const { edition, aggregates: all, withdrawn } = await aggregates.run(change)
      return { edition, aggregates: all.map(shown), withdrawn }
    },
    aggregateShow: async () =>
      aggregates.standing().map(({ fields, definition: _, serial: _serial, ...rest }) => {
        const record = ledger.get(rest.record)
        return {
          ...rest,
          value: fields['aggregate'] ?? null,
          label: record?.fields['aggregate']?.label ?? null,
          status: record?.envelope.status ?? 'gone',
        }
      }),
  }
}
