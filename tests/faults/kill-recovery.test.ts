import { readdirSync } from 'node:fs'
import { join } from 'node:path'
import type { Step } from '@entente/node'
import { afterAll, beforeAll, expect, test } from 'vitest'
import { checkLog } from '../support/check-log.ts'
import { eventually } from '../support/federation.ts'
import { type LostEnd, loseEnd } from '../support/lost-end.ts'
import { capability, readRows } from '../support/scenario.ts'
import { spawnNode } from '../support/spawn-node.ts'

let lost: LostEnd
beforeAll(async () => {
  lost = await loseEnd()
}, 240_000)
afterAll(() => lost.federation[Symbol.asyncDispose]())

const home = () => lost.federation.folder('USA')
const sizeOf = () => readRows(home(), 'SELECT size FROM head')[0]?.['size'] as number
const serving = async () => {
  const usa = await spawnNode(home())
  await eventually('it serves', async () => (await usa.call('status')).state === 'serving')
  return usa
}

test.each<Step>(['recover:restored', 'recover:committed'])(
  'a node killed at %s of a recovery is recovered by the same verb again',
  async (step) => {
    lost.loseEnd()
    const before = sizeOf()
    const request = { from: [lost.backup], key: lost.key }
    {
      await using usa = await spawnNode(home())
      expect((await usa.call('status')).state).toBe('frozen')
      await usa.arm(step)
      await expect(usa.call('logRecover', request)).rejects.toThrow('SIGKILL')
      await usa.died
    }
    if (step === 'recover:restored') {
      expect(sizeOf()).toBe(before)
      await using usa = await spawnNode(home())
      await usa.call('logRecover', request)
    }
    expect(sizeOf()).toBeGreaterThan(before)
    checkLog(lost.federation, 'USA')
    await using usa = await serving()
    expect((await usa.call('logFsck', {})).findings).toEqual([])
  },
)

test('a node killed when a backup is written goes on, and no leaf of the log lacks a copy', async () => {
  {
    await using usa = await serving()
    await usa.call('partnerPause', { nation: 'GBR', paused: false })
    await usa.arm('backup:written')
    await usa.call('recordAdd', capability({ title: 'killed at the backup' })).catch(() => {})
    expect(await usa.died).toBe('SIGKILL')
  }
  await using usa = await serving()
  await eventually('GBR sees it', async () => (await lost.gbr.search({ text: 'killed' }))[0])
  await eventually('all is published', async () => {
    const { log } = await usa.call('status')
    return log.published === log.size
  })
  const [place = ''] = readdirSync(lost.backup)
  let end = 0
  for (const name of readdirSync(join(lost.backup, place)).sort()) {
    const [, from, to] = /^openings-(\d+)-(\d+)\.jwe$/.exec(name) ?? []
    expect(Number(from)).toBeLessThanOrEqual(end)
    end = Math.max(end, Number(to))
  }
  expect(end).toBe(sizeOf())
})
