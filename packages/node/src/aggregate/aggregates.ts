import { type AggregateDefinition, type CellPlan, planAggregate } from '@entente/policy'
import { type DataRecord, digestOf, type RecordId, toHex } from '@entente/schema'
import type { Deps } from '../deps.ts'
import { NodeError } from '../errors.ts'
import type { Change, Ledger } from '../ledger/ledger.ts'
import { checkDraft } from '../ledger/record/check-edit.ts'
import { partyOfIn } from '../parties/party-decisions.ts'
import type { PolicyInForce, PolicyStore } from '../release/policy-store.ts'
import type { View } from '../view/view.ts'
import { derivedDraft, narrowingOf, rightingOf } from './derived-record.ts'
import { createStandingStore, type Standing } from './standing.ts'

/** One cell with what is to be done, and the record that stands of it. */
export type PlannedCell = CellPlan & {
  /** Null: nothing stands, or somebody has taken it off by hand. */
  readonly record: RecordId | null
}

export interface PlannedAggregate {
  readonly definition: AggregateDefinition
  readonly cells: readonly PlannedCell[]
}

/** What a run did beside what it planned. */
export interface AggregateRun {
  readonly edition: number
  readonly aggregates: readonly PlannedAggregate[]
  /** Derived records that were taken back. */
  readonly withdrawn: readonly RecordId[]
}

/**
 * Aggregates as the policy in force defines them: derived records in the ledger, which the releaser sends as it sends any other. Values
 * change only by `run`; labels follow those of the contributors at once, by themselves, and so is taken back what is written into a
 * derived record by hand.
 */
export interface Aggregates extends AsyncDisposable {
  /** @throws {NodeError} `NO_POLICY` */
  readonly plan: () => {
    readonly edition: number
    readonly aggregates: readonly PlannedAggregate[]
  }
  /** Durable cell by cell; after a failure, run it again. @throws {NodeError} `NO_POLICY` */
  readonly run: (change: Change) => Promise<AggregateRun>
  readonly standing: () => readonly Standing[]
  /** Whether the definitions, or records that they measure, have changed since the last run. */
  readonly isDue: () => boolean
  /** Told of records in the transaction that changes them. */
  readonly noteChanged: (records: readonly DataRecord[]) => void
  /** The policy has changed: what it defines no longer is withdrawn. */
  readonly tidy: () => void
}

export function createAggregates(
  deps: Deps,
  ledger: Ledger,
  view: View,
  policies: PolicyStore,
): Aggregates {
  const { db, clock, nation, journal } = deps
  const store = createStandingStore(db)
  const ranBy = db.prepare('SELECT definitions, due FROM aggregate_run')
  const ran = db.prepare(
    'INSERT OR REPLACE INTO aggregate_run(one, definitions, due) VALUES (1, ?, ?)',
  )
  const setDue = db.prepare('UPDATE aggregate_run SET due = 1 WHERE due = 0')
  const measured = db.prepare('SELECT json FROM record WHERE dataset = ? AND kind = ?')
  const definitionsIn = (policy: PolicyInForce | null): readonly AggregateDefinition[] =>
    policy?.compiled.document.aggregates ?? []
  const inForce = (): PolicyInForce => {
    const policy = policies.at(clock.nowMs())
    if (policy !== null) return policy
    throw new NodeError(
      'NO_POLICY',
      'no signed policy is in force, so no aggregate is defined: `entente policy install FILE`',
    )
  }

  let turn: Promise<unknown> = Promise.resolve()
  const inTurn = <T>(work: () => Promise<T>): Promise<T> => {
    const mine = turn.then(work)
    turn = mine.catch(() => undefined)
    return mine
  }
  const bySelf = (work: () => Promise<void>): void => {
    inTurn(work).catch((error: unknown) =>
      journal.fault({
        where: 'aggregate',
        code: 'AGGREGATE',
        message: error instanceof Error ? error.message : String(error),
      }),
    )
  }

  /** One by one: most are in no cell. */
  function* recordsIn(dataset: string, kind: string): Generator<DataRecord> {
    for (const row of measured.iterate(dataset, kind)) {
      const record = JSON.parse(String(row['json'])) as DataRecord
      if (record.originator === nation) yield record
    }
  }

  const isActive = (record: RecordId) => ledger.get(record)?.envelope.status === 'active'

  const planOne = (policy: PolicyInForce, definition: AggregateDefinition): PlannedAggregate => {
    const { dataset, kind } = definition.from
    const stands = new Map(
      store
        .standing()
        .filter(({ aggregate, record }) => aggregate === definition.id && isActive(record))
        .map(({ cell, record }) => [cell, record]),
    )
    const cells = planAggregate({
      definition,
      bands: policy.compiled.bands,
      records: recordsIn(dataset, kind),
      day: new Date(clock.nowMs()).toISOString().slice(0, 10),
      partyOf: partyOfIn(view, nation),
      history: store.history(definition.id),
      standing: new Set(stands.keys()),
    })
    return {
      definition,
      cells: cells.map((cell) => ({ ...cell, record: stands.get(cell.cell) ?? null })),
    }
  }

  /** The record and the note of it are written in one transaction: a publication that is forgotten could be subtracted from the next. */
  const publish = async (
    { edition }: PolicyInForce,
    definition: AggregateDefinition,
    { cell, publication }: Extract<CellPlan, { outcome: 'publish' }>,
    change: Change,
  ): Promise<RecordId | null> => {
    const draft = derivedDraft(definition, publication, { nation, edition, cell })
    checkDraft(draft)
    let made: RecordId | null = null
    await ledger.upsert(
      [{ naturalKey: `aggregate ${toHex(deps.randomBytes(16))}`, draft }],
      change,
      {
        onTaken: ([taken]) => {
          made = taken?.record ?? null
          if (made === null) return
          store.note(publication, {
            aggregate: definition.id,
            cell,
            serial: store.nextSerial(definition.id),
            record: made,
            edition,
            atMs: clock.nowMs(),
            fields: { title: publication.title, aggregate: publication.value },
            definition,
          })
        },
      },
    )
    return made
  }

  const withdrawPast = async (change: Change): Promise<readonly RecordId[]> => {
    const past = store.past()
    for (const id of past) await ledger.withdraw(id, change)
    return past
  }

  /** Ends what no definition of the policy in force makes any more. Without a policy nothing goes anyway. */
  const endUndefined = (policy: PolicyInForce): void => {
    const known = new Set(definitionsIn(policy).map(({ id }) => id))
    for (const { aggregate, record } of store.standing())
      if (!known.has(aggregate)) store.end(record)
  }

  const keepTrue = async (standing: readonly Standing[]): Promise<void> => {
    const now = new Map(definitionsIn(policies.at(clock.nowMs())).map((each) => [each.id, each]))
    for (const { aggregate, cell, record, definition, fields } of standing) {
      const current = ledger.get(record)
      if (current?.envelope.status !== 'active') continue
      const sources = store.sourcesOf(record).flatMap((id) => ledger.get(id) ?? [])
      const narrowing = narrowingOf(now.get(aggregate) ?? definition, current, sources)
      const about = `aggregate ${aggregate}, ${cell}`
      if (narrowing !== null)
        await ledger.edit(record, narrowing, {
          author,
          reason: `${about}: what its contributors are under`,
        })
      const righting = rightingOf(fields, ledger.get(record) ?? current)
      if (righting !== null)
        await ledger.edit(record, righting, { author, reason: `${about}: only a run changes it` })
    }
  }

  const off = ledger.on((ids) => {
    const touched = store.touchedBy(ids)
    if (touched.length > 0) bySelf(() => keepTrue(store.touchedBy(ids)))
  })
  const tidy = (): void =>
    bySelf(async () => {
      const policy = policies.at(clock.nowMs())
      if (policy === null) return
      endUndefined(policy)
      await withdrawPast({ author, reason: 'the policy no longer defines the aggregate' })
    })
  // What a crash left undone.
  bySelf(() => keepTrue(store.standing()))
  tidy()

  return {
    plan: () => {
      const policy = inForce()
      return {
        edition: policy.edition,
        aggregates: definitionsIn(policy).map((definition) => planOne(policy, definition)),
      }
    },
    run: (change) =>
      inTurn(async () => {
        const policy = inForce()
        const definitions = definitionsIn(policy)
        // From here on, what changes makes the next run due.
        ran.run(digestOf(definitions), 0)
        try {
          const aggregates: PlannedAggregate[] = []
          for (const definition of definitions) {
            const planned = planOne(policy, definition)
            const cells: PlannedCell[] = []
            for (const cell of planned.cells) {
              if (cell.outcome === 'suppress' && cell.record !== null) store.end(cell.record)
              const record =
                cell.outcome === 'publish'
                  ? await publish(policy, definition, cell, change)
                  : cell.outcome === 'keep'
                    ? cell.record
                    : null
              cells.push({ ...cell, record })
            }
            aggregates.push({ definition, cells })
          }
          endUndefined(policy)
          const withdrawn = await withdrawPast(change)
          await keepTrue(store.standing())
          return { edition: policy.edition, aggregates, withdrawn }
        } catch (error) {
          setDue.run()
          throw error
        }
      }),
    standing: store.standing,
    isDue: () => {
      const definitions = definitionsIn(policies.at(clock.nowMs()))
      const last = ranBy.get()
      if (definitions.length === 0) return store.standing().length > 0
      if (last === undefined) return true
      return last['due'] === 1 || last['definitions'] !== digestOf(definitions)
    },
    noteChanged: (records) => {
      const definitions = definitionsIn(policies.at(clock.nowMs()))
      const isMeasured = ({ kind, dataset, fields }: DataRecord) =>
        !Object.hasOwn(fields, 'aggregate') &&
        definitions.some(({ from }) => from.kind === kind && from.dataset === dataset)
      if (definitions.length > 0 && records.some(isMeasured)) setDue.run()
    },
    tidy,
    [Symbol.asyncDispose]: async () => {
      off()
      await turn
    },
  }
}

const author = 'entente aggregate'
