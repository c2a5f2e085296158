import { DatabaseSync, type StatementSync } from 'node:sqlite'
import type { RunningNode } from '@entente/node'
import { expect, test } from 'vitest'
import { createFederation, eventually } from '../support/federation.ts'
import { capability, inSync, livePolicy, openServing, readRows } from '../support/scenario.ts'

/** Tables with a row for each record, leaf or statement that there is. */
const GROWING =
  'checkpoint decision_inputs entry entry_out held held_in node offer record source_version statement statement_in view_row waiting'

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
  statements.forget()
  await write('after')
  const plans = statements.plans()
  expect(plans.size).toBeGreaterThan(100)
  expect([...plans].filter(([sql, plan]) => plan.some((step) => isOfAll(sql, step)))).toEqual([])
})

/** Whether a step goes through a whole table that grows, or all that a feed has ever had. */
function isOfAll(sql: string, step: string): boolean {
  const [, table = ''] = /^SCAN (\w+)/.exec(step) ?? []
  // The first of an order that the table has anyway, and an index of a few rows.
  if (/ LIMIT 1$/.test(sql) && !sql.includes(' WHERE ')) return false
  if (/USING (COVERING )?INDEX record_(alert|in_conflict)$/.test(step)) return false
  return (
    GROWING.split(' ').includes(table) ||
    / (statement_feed|entry_out_record) \(feed=\?\)$/.test(step)
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
