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
import { createStandingStore, type Kept, type Standing, type Touched } from './standing.ts'

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
  /** Told of records in the transaction that changes them or removes them from a shard. */
  readonly noteChanged: (records: readonly DataRecord[], removed?: readonly string[]) => void
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

  const runs = createTurns()
  /** Of what keeps standing records true, one record at a time: narrowing waits for no run. */
  const keeps = createTurns()
  /** Records that have changed since a run last planned; null: none does. */
  let changed: Set<string> | null = null
  /** How often something that is measured has changed. */
  let changes = 0
  const bySelf = (inTurn: Turns['inTurn'], work: () => Promise<void>): void => {
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

  /**
   * The record and the note of it are written in one transaction: a publication that is forgotten could be subtracted from the next.
   * @returns null when a contributor has changed since the cell was planned: then nothing was written
   */
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
        // Asked when the ledger's turn has come, so nothing comes in between.
        shown: () => (publication.from.some(({ id }) => changed?.has(id)) ? [] : null),
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

  /** @param sources those of its contributors that have changed; null: any may have */
  const keepTrue = async (
    { aggregate, cell, record, definition: made, fields }: Kept,
    sources: Touched['sources'] | null,
  ): Promise<void> => {
    const current = ledger.get(record)
    if (current?.envelope.status !== 'active') return
    const definition =
      definitionsIn(policies.at(clock.nowMs())).find(({ id }) => id === aggregate) ?? made
    const all = sources === null || definition.label !== undefined
    const looked = all ? store.sourcesOf(record) : sources
    const narrowing = narrowingOf(
      definition,
      current,
      looked.flatMap((id) => ledger.get(id) ?? []),
    )
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
  const keepAllTrue = async (): Promise<void> => {
    for (const one of store.standing()) await keeps.inTurn(() => keepTrue(one, null))
  }

  /** Each cell as it is now, in the order of the definition: one whose contributors changed while the others were published is planned again. */
  const publishCells = async (
    policy: PolicyInForce,
    definition: AggregateDefinition,
    change: Change,
  ): Promise<readonly PlannedCell[]> => {
    const planNow = () => {
      changed = new Set()
      return planOne(policy, definition).cells
    }
    const done: PlannedCell[] = []
    for (let cells = planNow(); done.length < cells.length; ) {
      const cell = cells[done.length] as PlannedCell
      if (cell.outcome === 'suppress' && cell.record !== null) store.end(cell.record)
      const made =
        cell.outcome === 'publish' ? await publish(policy, definition, cell, change) : null
      if (cell.outcome === 'publish' && made === null) cells = planNow()
      else done.push({ ...cell, record: cell.outcome === 'keep' ? cell.record : made })
    }
    return done
  }

  const off = ledger.on((ids) => {
    for (const one of store.touchedBy(ids)) bySelf(keeps.inTurn, () => keepTrue(one, one.sources))
  })
  const tidy = (): void =>
    bySelf(runs.inTurn, async () => {
      const policy = policies.at(clock.nowMs())
      if (policy === null) return
      endUndefined(policy)
      await withdrawPast({ author, reason: 'the policy no longer defines the aggregate' })
    })
  // What a crash left undone.
  bySelf(runs.inTurn, keepAllTrue)
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
      runs.inTurn(async () => {
        const policy = inForce()
        const definitions = definitionsIn(policy)
        // Due until it has come to its end: a crash or a failure leaves cells undone. What changes meanwhile makes the next one due.
        const before = changes
        ran.run(digestOf(definitions), 1)
        const aggregates: PlannedAggregate[] = []
        try {
          for (const definition of definitions)
            aggregates.push({ definition, cells: await publishCells(policy, definition, change) })
        } finally {
          changed = null
        }
        endUndefined(policy)
        const withdrawn = await withdrawPast(change)
        await keepAllTrue()
        if (changes === before) ran.run(digestOf(definitions), 0)
        return { edition: policy.edition, aggregates, withdrawn }
      }),
    standing: store.standing,
    isDue: () => {
      const definitions = definitionsIn(policies.at(clock.nowMs()))
      const last = ranBy.get()
      if (definitions.length === 0) return store.standing().length > 0
      if (last === undefined) return true
      return last['due'] === 1 || last['definitions'] !== digestOf(definitions)
    },
    noteChanged: (records, removed = []) => {
      if (changed !== null)
        for (const id of [...records.map((record) => record.id), ...removed]) changed.add(id)
      const nowMs = clock.nowMs()
      // Where none is in force, the next may define the same.
      const definitions = definitionsIn(policies.at(nowMs) ?? policies.latest(nowMs))
      const isMeasured = ({ kind, dataset, fields }: DataRecord) =>
        !Object.hasOwn(fields, 'aggregate') &&
        definitions.some(({ from }) => from.kind === kind && from.dataset === dataset)
      if (definitions.length === 0 || !records.some(isMeasured)) return
      changes++
      setDue.run()
    },
    tidy,
    [Symbol.asyncDispose]: async () => {
      off()
      await runs.ended()
      await keeps.ended()
    },
  }
}

interface Turns {
  readonly inTurn: <T>(work: () => Promise<T>) => Promise<T>
  readonly ended: () => Promise<unknown>
}

/** Work of one sort, one after another. */
function createTurns(): Turns {
  let turn: Promise<unknown> = Promise.resolve()
  return {
    inTurn: (work) => {
      const mine = turn.then(work)
      turn = mine.catch(() => undefined)
      return mine
    },
    ended: () => turn,
  }
}

const author = 'entente aggregate'
