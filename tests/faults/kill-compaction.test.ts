import { readdirSync, readFileSync } from 'node:fs'
import { join } from 'node:path'
import { afterAll, beforeAll, expect, test } from 'vitest'
import { createFederation, type Federation } from '../support/federation.ts'
import { capability } from '../support/scenario.ts'
import { type SpawnedNode, spawnNode } from '../support/spawn-node.ts'

let federation: Federation
let usa: SpawnedNode
const said = { author: 'analyst', reason: 'a test of faults' }
const compact = () => usa.call('ledgerCompact', { changes: 0, ...said })

beforeAll(async () => {
  federation = createFederation(['USA'])
  usa = await spawnNode(federation.folder('USA'))
})

afterAll(async () => {
  await usa[Symbol.asyncDispose]()
  await federation[Symbol.asyncDispose]()
})

/** Whether any file of the node holds these bytes. */
const holds = (text: string): boolean => {
  const folder = federation.folder('USA')
  return readdirSync(folder, { withFileTypes: true })
    .filter((entry) => entry.isFile())
    .some(({ name }) => readFileSync(join(folder, name)).includes(text))
}

test.each([
  ['compact:written', 'not happened', undefined],
  ['compact:moved', 'happened', true],
] as const)(
  'a node killed at %s finds every record again, and the compaction has %s',
  async (step, _, compacted) => {
    const old = `old title at ${step}`
    const { id } = await usa.call('recordAdd', capability({ title: old }))
    await usa.call('recordEdit', { id, set: { title: { value: `title at ${step}` } }, ...said })
    const before = await usa.call('recordList', {})
    await usa.arm(step)
    compact().catch(() => {})
    expect(await usa.died).toBe('SIGKILL')

    usa = await spawnNode(federation.folder('USA'))
    expect(await usa.call('ledgerCheck', {})).toMatchObject({ found: 0, findings: [] })
    expect(await usa.call('recordList', {})).toEqual(before)
    const history = await usa.call('recordHistory', id)
    expect(history.at(-1)?.compacted).toBe(compacted)
    // Killed after the fact, the node has not cut off its log; its next start does.
    if (compacted) expect(holds(old)).toBe(false)

    await compact()
    expect(holds(old)).toBe(false)
    expect(await usa.call('recordList', {})).toEqual(before)
    await usa.call('recordEdit', { id, set: { title: { value: `edited after ${step}` } }, ...said })
    expect(await usa.call('ledgerCheck', {})).toMatchObject({ found: 0 })
  },
)
