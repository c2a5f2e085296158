import { type ChildProcess, spawn, spawnSync } from 'node:child_process'
import { afterAll, beforeAll, expect, test } from 'vitest'
import { checkFeeds, checkLog, putsOf } from '../support/check-log.ts'
import { createFederation, eventually, type Federation } from '../support/federation.ts'
import {
  capability,
  heldOnBothSides,
  livePolicy,
  openServing,
  readRows,
} from '../support/scenario.ts'
import { type SpawnedNode, spawnNode } from '../support/spawn-node.ts'

// A running node whose disk fails under it, as strace has the system say. It ends, and goes on from what is there.
let federation: Federation
let usa: SpawnedNode
const mayTrace = spawnSync('strace', ['-o', '/dev/null', 'true']).status === 0

beforeAll(async () => {
  federation = createFederation(['GBR', 'USA'])
  const opened = openServing(federation, ['GBR'])
  usa = await spawnNode(federation.folder('USA'))
  const [gbr] = await opened
  await eventually('USA serves', async () => (await usa.call('status')).state === 'serving')
  await usa.call('policyInstall', federation.sign('USA', livePolicy('USA')))
  await gbr?.subscribe({ dataset: 'production', from: 'USA', action: 'subscribe' })
  await usa.call('recordAdd', capability({ title: 'record 0' }))
  await settled()
})
afterAll(async () => {
  await usa[Symbol.asyncDispose]()
  await federation[Symbol.asyncDispose]()
})

/** Everything that the USA's ledger holds has gone to GBR. */
const settled = () =>
  eventually('both sides agree', async () => {
    const { partners, log } = await usa.call('status')
    const { sent, received } = heldOnBothSides(federation, 'USA', 'GBR')
    const records = readRows(federation.folder('USA'), 'SELECT 1 FROM record')
    return (
      partners[0]?.inSync &&
      log.published === log.size &&
      sent.length === records.length &&
      received.length === records.length
    )
  })

/** The nth such call of the node's main thread from now on fails. */
async function failAt(call: string, when: number): Promise<ChildProcess> {
  const fault = [`trace=${call}`, `inject=${call}:error=EIO:when=${when}`]
  const options = fault.flatMap((each) => ['-e', each])
  const strace = spawn('strace', ['-o', '/dev/null', ...options, '-p', String(usa.pid)])
  await new Promise<void>((resolve, reject) => {
    strace.stderr.on('data', (text) => String(text).includes('attached') && resolve())
    strace.once('exit', () => reject(new Error('strace could not attach')))
  })
  return strace
}

test.for<[call: string, when: number]>([
  ['fsync', 1],
  ['fsync', 2],
  ['fsync', 3],
  ['pwrite64', 1],
  ['pwrite64', 9],
  ['fdatasync', 1],
])(
  'case 24: a node whose %s number %i fails has released all once after its restart',
  async ([call, when], { skip }) => {
    if (!mayTrace) return skip('strace cannot trace here')
    const strace = await failAt(call, when)
    const adding = usa.call('recordAdd', capability({ title: `${call} ${when}` }))
    const ended = await Promise.race([
      usa.died.then(() => true),
      adding.then(settled, () => usa.died).then(() => false),
    ])
    strace.kill()
    // The size outside the database is written again; a commit that failed ends the node.
    if (call === 'fdatasync') expect(ended).toBe(false)
    else {
      await usa.died
      usa = await spawnNode(federation.folder('USA'))
    }
    await settled()
    const { sent, received } = heldOnBothSides(federation, 'USA', 'GBR')
    expect(received).toEqual(sent)
    expect(putsOf(federation, 'USA', 'GBR')).toEqual(sent.map(() => 1))
    checkFeeds(federation, 'USA', 'GBR')
    checkLog(federation, 'USA')
  },
)
