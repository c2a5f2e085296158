import { DatabaseSync, type StatementSync } from 'node:sqlite'
import type { RunningNode } from '@entente/node'
import { expect, test } from 'vitest'
import { createFederation, eventually } from '../support/federation.ts'
import { capability, inSync, livePolicy, openServing, readRows } from '../support/scenario.ts'

/** Tables of a row, of a row for each partner or dataset, or of what waits just now. */
const SMALL =
  'asked_turn catalogue_asked courier_asked decided_under dirty handover_out head policy_lost purge_passed recall_due register_lost reopen_at revoked_partner subscription witness_state'
/** That grow slowly: one for many records; for each record that was ever recalled, or is handed on. */
const SELDOM = 'shard recall_in root_recall root_recalled retransfer'
const allowed = new Set([...SMALL.split(' '), ...SELDOM.split(' '), 'view_text'])

test('an edit reads what it changes, not all that there is: no statement that runs for it scans a table that grows', async () => {
  using statements = watchStatements()
  await using federation = createFederation(['GBR', 'USA'])
  const [gbr, usa] = (await openServing(federation, ['GBR', 'USA'])) as [RunningNode, RunningNode]
  await usa.policyInstall(federation.sign('USA', livePolicy('USA')))
  await gbr.subscribe({ dataset: 'production', from: 'USA', action: 'subscribe' })
  const acknowledged = () =>
    readRows(federation.folder('USA'), 'SELECT sum(seq) AS sum FROM ack_received')[0]?.['sum']
  const write = async (title: string) => {
    const before = acknowledged()
    await usa.recordAdd(capability({ title }))
    await eventually(title, async () => (await gbr.search({ text: title }))[0])
    await eventually('acknowledged', async () => acknowledged() !== before)
  }
  await write('before')
  await inSync(usa, 'GBR')
  // What runs by the minute may fall into one of them, or two.
  const each: ReadonlyMap<string, readonly string[]>[] = []
  for (const title of ['one', 'two', 'three']) {
    statements.forget()
    await write(title)
    each.push(statements.plans())
  }
  const plans = new Map([...(each[0] ?? [])].filter(([sql]) => each.every((ran) => ran.has(sql))))
  expect(plans.size).toBeGreaterThan(100)
  expect([...plans].filter(([sql, plan]) => plan.some((step) => isOfAll(sql, step)))).toEqual([])
})

/** Whether a step goes through a whole table that may grow, or all that a feed has ever had. */
function isOfAll(sql: string, step: string): boolean {
  // The first of an order that the table has anyway.
  if (/ LIMIT 1$/.test(sql) && !sql.includes(' WHERE ')) return false
  const [, table] = /^SCAN (\w+)/.exec(step) ?? []
  return (
    (table !== undefined && !allowed.has(table)) ||
    / (statement_feed|entry_out_record|sqlite_autoindex_statement_in_1) \(feed=\?\)$/.test(step)
  )
}

/** Notes which statements run in this process, whichever database has prepared them. */
function watchStatements() {
  const { prepare } = DatabaseSync.prototype
  const ran = new Map<string, DatabaseSync>()
  DatabaseSync.prototype.prepare = function (this: DatabaseSync, sql: string): StatementSync {
    const statement = prepare.call(this, sql)
    for (const verb of ['all', 'get', 'run', 'iterate'] as const) {
      const original = statement[verb].bind(statement) as (...args: unknown[]) => unknown
      statement[verb] = ((...args: unknown[]) => {
        ran.set(sql, this)
        return original(...args)
      }) as never
    }
    return statement
  }
  return {
    forget: () => ran.clear(),
    /** Of each statement that ran, the steps in which SQLite does it. */
    plans: () =>
      new Map(
        // Those closed by now only looked on.
        [...ran]
          .filter(([, db]) => db.isOpen)
          .map(([sql, db]) => {
            const steps = prepare.call(db, `EXPLAIN QUERY PLAN ${sql}`).all()
            return [sql, steps.map(({ detail }) => String(detail))] as const
          }),
      ),
    [Symbol.dispose]: () => {
      DatabaseSync.prototype.prepare = prepare
    },
  }
}
