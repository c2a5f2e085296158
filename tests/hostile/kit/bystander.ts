import { type ChildProcess, fork } from 'node:child_process'
import { once } from 'node:events'
import { readFileSync } from 'node:fs'
import { fileURLToPath } from 'node:url'
import type { RunningNode } from '@entente/node'
import { createFederation, eventually, type Federation } from '../../support/federation.ts'
import { capability, livePolicy, onlyFor, readRows } from '../../support/scenario.ts'
import { type SpawnedNode, spawnNode } from '../../support/spawn-node.ts'
import type { Told, Used } from './attacker-process.ts'

/**
 * USA is a node in a process of its own; AUS is a partner whose keys a program holds that attacks USA; GBR is a partner as they should
 * be, served meanwhile.
 */
export interface Bystander extends AsyncDisposable {
  readonly federation: Federation
  readonly usa: SpawnedNode
  readonly gbr: RunningNode
  /** Records that USA has written so far. */
  readonly records: () => number
  /** Times until each of so many edits, one after the other, could be read at GBR, ms. */
  readonly edits: (count: number) => Promise<number[]>
  /** Tells the attacker what to do; answers what it used for what it did before. */
  readonly tell: (told: Told) => Promise<Used>
  /** Memory of USA's process, MB. */
  readonly rssMb: () => number
}

/** However long an attack makes an edit take, it ends. A machine with ten times as much to do as it can is given more. */
export const WORST_MS = 5_000

const LONG_RECORDS = 64
const longRecord = (title: string) =>
  capability(
    { title, materials: Array.from({ length: 32 }, (_, i) => `${i} `.padEnd(2_000, 'x')) },
    { title: onlyFor('AUS'), materials: onlyFor('AUS') },
  )

/** @param by what starts USA’s process */
export async function createBystander(
  by: Parameters<typeof spawnNode>[1] = { execArgv: [] },
): Promise<Bystander> {
  const federation = createFederation(['AUS', 'GBR', 'USA'])
  // A node of its own once, so that its folder is whole.
  await (await federation.open('AUS'))[Symbol.asyncDispose]()
  const usa = await spawnNode(federation.folder('USA'), by)
  let arrived = () => {}
  const gbr = await federation.open('GBR', {
    onStep: (step) => {
      if (step === 'admit:acknowledged') arrived()
    },
  })
  await eventually('serving', async () => (await usa.call('status')).state === 'serving')
  await usa.call('policyInstall', federation.sign('USA', livePolicy('USA')))
  await gbr.subscribe({ dataset: 'production', from: 'USA', action: 'subscribe' })
  const attacker = await createAttacker(federation)
  // A few MB that go to the attacker alone.
  const titles = Array.from({ length: LONG_RECORDS }, (_, i) => `long record ${i} of the kit`)
  await Promise.all(titles.map((title) => usa.call('recordAdd', longRecord(title))))
  await eventually('the attacker is sent them', () => {
    const held = "SELECT 1 FROM held WHERE recipient = 'AUS'"
    return readRows(federation.folder('USA'), held).length === LONG_RECORDS
  })
  let records = 0

  const edit = async (): Promise<number> => {
    const title = `record ${records++} of the kit`
    const from = performance.now()
    await usa.call('recordAdd', capability({ title }))
    for (;;) {
      // Told of what arrives, not asked every so often: the times are the node's.
      const next = new Promise<void>((resolve) => {
        arrived = resolve
        setTimeout(resolve, 100)
      })
      if ((await gbr.search({ text: title }))[0] !== undefined) return performance.now() - from
      if (performance.now() - from > 8 * WORST_MS) throw new Error(`${title} has not arrived`)
      await next
    }
  }
  return {
    federation,
    usa,
    gbr,
    records: () => records,
    edits: async (count) => {
      const times: number[] = []
      for (let i = 0; i < count; i++) times.push(await edit())
      return times
    },
    tell: async (told) => {
      attacker.send(told)
      return (await once(attacker, 'message'))[0] as Used
    },
    rssMb: () =>
      Number(/^VmRSS:\s+(\d+) kB$/m.exec(readFileSync(`/proc/${usa.pid}/status`, 'utf8'))?.[1]) /
      1024,
    [Symbol.asyncDispose]: async () => {
      attacker.kill('SIGKILL')
      await usa[Symbol.asyncDispose]()
      await federation[Symbol.asyncDispose]()
    },
  }
}

async function createAttacker(federation: Federation): Promise<ChildProcess> {
  const script = fileURLToPath(new URL('attacker-process.ts', import.meta.url))
  const attacker = fork(script, [federation.root, 'AUS', 'USA'], { execArgv: [] })
  await once(attacker, 'message')
  return attacker
}
