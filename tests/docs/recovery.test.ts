import { cpSync, readFileSync, rmSync } from 'node:fs'
import { join } from 'node:path'
import { DatabaseSync } from 'node:sqlite'
import type { RunningNode } from '@entente/node'
import { afterAll, beforeAll, describe, expect, test } from 'vitest'
import { createFederation, eventually, type Federation } from '../support/federation.ts'
import { missingLines } from './markdown.ts'

/** First column of the page's table of reasons; capitals stand for values. */
const reasons = [...readFileSync('docs/recovery.md', 'utf8').matchAll(/^\| `([^`]+)` +\|/gm)].map(
  ([, reason = '']) => `${reason.replaceAll(/\b[NM]\b|NATION/g, '…')}…`,
)
const asked = { dataset: 'production', from: 'GBR', action: 'subscribe' } as const

describe('a node of the USA that may have lost state', () => {
  let federation: Federation
  let gbr: RunningNode
  let newest: string
  let old: string
  const home = () => federation.folder('USA')
  const put = (copy: string) => {
    rmSync(home(), { recursive: true })
    cpSync(copy, home(), { recursive: true })
  }
  const serving = (node: RunningNode) =>
    eventually('it serves', async () => (await node.status()).state === 'serving')

  beforeAll(async () => {
    federation = createFederation(['GBR', 'USA'])
    newest = join(federation.root, 'newest')
    old = join(federation.root, 'old')
    gbr = await federation.open('GBR')
    for (const copy of [old, newest]) {
      const usa = await federation.open('USA')
      await serving(usa)
      if (copy === newest) await usa.subscribe(asked)
      await eventually('the log is cosigned', async () => {
        const { log } = await usa.status()
        return log.published === log.size
      })
      await usa[Symbol.asyncDispose]()
      cpSync(home(), copy, { recursive: true })
    }
  })
  afterAll(() => federation[Symbol.asyncDispose]())

  test.each<[what: string, reason: number, lose: () => void]>([
    [
      'an old database',
      0,
      () => {
        put(newest)
        cpSync(join(old, 'entente.db'), join(home(), 'entente.db'))
      },
    ],
    [
      'no log-head file',
      1,
      () => {
        put(newest)
        rmSync(join(home(), 'log-head'))
      },
    ],
    ['an old copy of the whole folder', 2, () => put(old)],
    [
      'a damaged tree',
      3,
      () => {
        put(newest)
        const db = new DatabaseSync(join(home(), 'entente.db'))
        db.exec('UPDATE head SET root = zeroblob(32)')
        db.close()
      },
    ],
  ])('freezes with %s, and says so', async (_, reason, lose) => {
    lose()
    await using usa = await federation.open('USA')
    const status = await eventually('it is frozen', async () => {
      const now = await usa.status()
      return now.state === 'frozen' ? now : null
    })
    expect(missingLines(reasons[reason] ?? 'no reason on the page', status?.words ?? '')).toEqual(
      [],
    )
    expect(status?.ok).toBe(false)
    expect(readFileSync(join(home(), 'journal.jsonl'), 'utf8')).toContain('frozen')
    await expect(usa.subscribe(asked)).rejects.toMatchObject({ code: 'FROZEN' })
    const directory = join(federation.root, 'bundle')
    await expect(usa.auditExport({ directory, withContent: false })).rejects.toMatchObject({
      code: 'FROZEN',
    })
    await expect(usa.search({ text: 'anything' })).resolves.toEqual([])
    expect((await usa.status()).log.size).toBe(status?.log.size)
  })

  test('cosigns nothing for others meanwhile, and serves again from the newest copy', async () => {
    put(old)
    {
      await using usa = await federation.open('USA')
      await eventually('it is frozen', async () => (await usa.status()).state === 'frozen')
      await gbr.subscribe({ ...asked, from: 'USA' })
      await new Promise((resolve) => setTimeout(resolve, 1_500))
      const { log } = await gbr.status()
      expect(log.published).toBeLessThan(log.size)
    }
    put(newest)
    await using usa = await federation.open('USA')
    await serving(usa)
    await eventually('it cosigns again', async () => {
      const { log } = await gbr.status()
      return log.published === log.size
    })
  })
})
