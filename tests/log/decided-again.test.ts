import { cpSync, mkdtempSync, readdirSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import type { OnStep } from '@entente/node'
import { type DataRecord, digestOf, type Opening } from '@entente/schema'
import { afterAll, beforeAll, describe, expect, test } from 'vitest'
import { createFederation, type Federation } from '../support/federation.ts'
import { capability } from '../support/scenario.ts'
import { openSender } from '../support/sender.ts'

const atMs = Date.UTC(2026, 8, 21)
const by = { author: 'analyst', reason: 'a test of decisions' }
const base = mkdtempSync(join(tmpdir(), 'entente-decided-'))
let federation: Federation
beforeAll(() => {
  federation = createFederation(['GBR', 'USA'])
})
afterAll(async () => {
  await federation[Symbol.asyncDispose]()
  rmSync(base, { recursive: true })
})

type Sender = Awaited<ReturnType<typeof openSender>>

/** The USA, of which GBR has asked for `production`. `at` is told of each step. */
async function openUsa(at: { step?: OnStep }, path = ':memory:'): Promise<Sender> {
  const usa = await openSender(federation.folder('USA'), () => atMs, {
    path,
    onStep: (step) => at.step?.(step),
  })
  if (usa.policies.latest(atMs) === null) {
    usa.policies.install(federation.sign('USA', permits(1, ['title', 'description'])))
    usa.subscribe('GBR', 'production')
  }
  return usa
}
const putsIn = ({ db }: Sender) =>
  db
    .prepare('SELECT opening, body FROM entry_out ORDER BY seq')
    .all()
    .map((row) => JSON.parse(row['opening'] as string) as Opening)
    .filter(([, { op }]) => op === 'put')
const bodiesIn = ({ db }: Sender) => JSON.stringify(db.prepare('SELECT body FROM entry_out').all())

/** Lets these fields go to GBR. */
const permits = (edition: number, field: readonly string[]) => ({
  nation: 'USA',
  edition,
  from: '2020-01-01',
  until: '2099-01-01',
  datasets: { production: { mode: 'live', title: 'Production' } },
  groups: { PARTNERS: [{ nation: 'GBR', from: '2020-01-01' }] },
  ceilings: { GBR: 'SECRET' },
  bands: {},
  rules: [
    {
      id: 'names',
      match: { recipient: { in: ['GBR'] }, kind: { in: ['capability'] }, field: { in: field } },
      effect: 'permit',
      reasonCode: 'names',
      authority: 'Exercise arrangement',
    },
  ],
  tests: [],
})

describe('case 45: what changes between a decision and its COMMIT is decided again', () => {
  test('a policy', async () => {
    const at: { step?: OnStep } = {}
    await using usa = await openUsa(at)
    at.step = (step) => {
      if (step !== 'seal:decided') return
      delete at.step
      usa.policies.install(federation.sign('USA', permits(2, ['title'])))
    }
    await usa.records.recordAdd(capability({ title: 'named', description: 'withheld since' }))
    await usa.releaser.idle()
    const second = usa.policies.latest(atMs)
    expect(second?.edition).toBe(2)
    expect(bodiesIn(usa)).not.toContain('withheld since')
    expect(putsIn(usa).map(([, entry]) => entry)).toMatchObject([{ fields: ['title'] }])
    const release = usa.db.prepare("SELECT jws FROM statement WHERE kind = 'release'").all()
    expect(release).toHaveLength(1)
  })

  test('a record', async () => {
    const at: { step?: OnStep } = {}
    await using usa = await openUsa(at)
    at.step = (step) => {
      if (step !== 'seal:decided') return
      delete at.step
      // Another process of the nation writes the record: it has the same file.
      const [row] = usa.db.prepare('SELECT id, json FROM record').all()
      const record = JSON.parse(row?.['json'] as string) as DataRecord
      const title = record.fields['title']
      if (title === undefined) throw new Error('no title')
      const json = { ...record, fields: { ...record.fields, title: { ...title, value: 'newer' } } }
      usa.db
        .prepare('UPDATE record SET json = ?, digest = ? WHERE id = ?')
        .run(JSON.stringify(json), digestOf(json), row?.['id'] as string)
    }
    await usa.records.recordAdd(capability({ title: 'an older title' }))
    await usa.releaser.idle()
    expect(putsIn(usa)).toHaveLength(1)
    expect(bodiesIn(usa)).toContain('newer')
    expect(bodiesIn(usa)).not.toContain('an older title')
  })

  test.each([
    ['a subscription', 'DELETE FROM subscription'],
    ['what of a dataset is asked for', "UPDATE selector SET kind = 'requirement'"],
    ['a partner that is paused', "INSERT INTO paused(nation) VALUES ('GBR')"],
  ])('%s', async (_, sql) => {
    const at: { step?: OnStep } = {}
    await using usa = await openUsa(at)
    at.step = (step) => {
      if (step === 'seal:decided') usa.db.exec(sql)
    }
    await usa.records.recordAdd(capability({ title: 'not to go' }))
    await usa.releaser.idle()
    expect(putsIn(usa)).toEqual([])
  })
})

test('case 46: what was sealed before a crash is held when the node is back, and an old value is not put again', async () => {
  const [before, after] = [join(base, 'before'), join(base, 'after')]
  const at: { step?: OnStep } = {}
  const path = (folder: string) => join(folder, 'entente.db')
  cpSync(federation.folder('USA'), before, { recursive: true })
  const usa = await openUsa(at, path(before))
  const { id } = await usa.records.recordAdd(capability({ title: 'first value' }))
  await usa.releaser.idle()
  at.step = (step) => {
    if (step !== 'seal:committed') return
    delete at.step
    // What a disk holds when the power goes: nothing is flushed or closed after this.
    cpSync(before, after, { recursive: true })
  }
  await usa.records.recordEdit({ id, set: { title: { value: 'second value' } }, ...by })
  await usa.releaser.idle()
  await usa[Symbol.asyncDispose]()
  expect(readdirSync(after)).toContain('entente.db-wal')

  await using again = await openUsa({}, path(after))
  await again.releaser.idle()
  expect(putsIn(again)).toHaveLength(2)
  expect(bodiesIn(again)).toContain('second value')
  expect(bodiesIn(again)).not.toContain('first value')
  const { fields } = await again.records.recordShow(id)
  expect(fields['title']?.value).toBe('second value')
  // Nor when everything is decided anew.
  again.db.exec('INSERT OR IGNORE INTO dirty(record) SELECT id FROM record')
  await again.releaser.idle()
  expect(putsIn(again)).toHaveLength(2)
  await again.records.recordEdit({ id, set: { title: { value: 'third value' } }, ...by })
  await again.releaser.idle()
  expect(putsIn(again)).toHaveLength(3)
})
