import { type ChildProcess, fork } from 'node:child_process'
import { once } from 'node:events'
import { readFileSync } from 'node:fs'
import { fileURLToPath } from 'node:url'
import { parseArgs } from 'node:util'
import { attacks } from '../hostile/kit/attacks.ts'
import { type BadLine, createBadLine } from '../networks/bad-line.ts'
import { createRandom } from '../simulation/random.ts'
import { createFederation, eventually } from '../support/federation.ts'
import { capability, heldOnBothSides, livePolicy } from '../support/scenario.ts'
import { type SpawnedNode, spawnNode } from '../support/spawn-node.ts'

const usage = `usage: pnpm soak [--minutes 10] [--seed S]

Three nations' nodes, each a process, write and change records while processes are killed, lines fall silent or break, and a
fourth nation's keys are used to attack one of them. Ends 0 when all hold the same as their senders say, each once, and the node
that was never killed needs no more memory at the end than after the first third (judged from five minutes on).
`
const { values } = parseArgs({
  options: {
    minutes: { type: 'string', default: '10' },
    seed: { type: 'string', default: '1' },
    help: { type: 'boolean', default: false },
  },
})
if (values.help) {
  process.stdout.write(usage)
  process.exit(0)
}
const lastsMs = Number(values.minutes) * 60_000
if (!(lastsMs > 0)) {
  process.stderr.write(`--minutes is a number above 0, not ${values.minutes}\n`)
  process.exit(2)
}

const nations = ['GBR', 'NOR', 'USA'] as const
type Name = (typeof nations)[number]
/** Never killed: its memory is looked at, and it is the one that is attacked. */
const steady: Name = 'USA'
/** Records of each nation: changed for ever, so that only the log grows. */
const mostRecords = 40
const manners = { delayMs: 5, lossPercent: 1, retransmitMs: 200, bytesBeforeReset: 2_000_000 }
/** Of memory, what an allocator may keep. */
const flatWithin = 1.35
const by = { author: 'analyst', reason: 'soak' }
const pause = (ms: number) => new Promise((resolve) => setTimeout(resolve, ms))
const say = (words: string) =>
  process.stderr.write(
    `${String(Math.round((performance.now() - began) / 1000)).padStart(4)} s  ${words}\n`,
  )

const random = createRandom(`soak ${values.seed}`)
const began = performance.now()
/** Below the ports that the system gives by itself, above those of `createFederation`. */
const base = 32_400 + (process.pid % 40) * 8
const order = ['AUS', ...nations]
const listensAt = (nation: string) => base + order.indexOf(nation)
const dialledAt = (nation: string) => base + 4 + order.indexOf(nation)

await using federation = createFederation(order, undefined, 1, (nation) => ({
  listen: `127.0.0.1:${listensAt(nation)}`,
  endpoints: [`127.0.0.1:${dialledAt(nation)}`],
}))
// A node of its own once, so that its folder is whole.
await (await federation.open('AUS', { alone: true }))[Symbol.asyncDispose]()
await using stack = new AsyncDisposableStack()
const lines = new Map<Name, BadLine>()
for (const nation of nations)
  lines.set(
    nation,
    stack.use(await createBadLine(dialledAt(nation), listensAt(nation), manners, random)),
  )
const nodes = new Map<Name, SpawnedNode>()
stack.defer(async () => {
  for (const node of nodes.values()) await node[Symbol.asyncDispose]()
})
for (const nation of nations) nodes.set(nation, await spawnNode(federation.folder(nation)))
const node = (nation: Name): SpawnedNode => nodes.get(nation) as SpawnedNode
for (const nation of nations)
  await eventually('serving', async () => (await node(nation).call('status')).state === 'serving')
for (const nation of nations) {
  await node(nation).call('policyInstall', federation.sign(nation, livePolicy(nation)))
  for (const from of nations)
    if (from !== nation)
      await node(nation).call('subscribe', { dataset: 'production', from, action: 'subscribe' })
}

const attacker: ChildProcess = fork(
  fileURLToPath(new URL('../hostile/kit/attacker-process.ts', import.meta.url)),
  [federation.root, 'AUS', steady],
  { execArgv: [] },
)
stack.defer(() => void attacker.kill('SIGKILL'))
await once(attacker, 'message')

const rssMb = (pid: number): number =>
  Number(/^VmRSS:\s+(\d+) kB$/m.exec(readFileSync(`/proc/${pid}/status`, 'utf8'))?.[1]) / 1024
const samples: number[] = []
const records = new Map<Name, string[]>(nations.map((nation) => [nation, []]))
let [writes, kills, silences, refused] = [0, 0, 0, 0]
const isOver = () => performance.now() - began > lastsMs
const killed = new Set<Name>()

/** A node that is being killed does not answer: what it had confirmed must be there. */
async function write(nation: Name): Promise<void> {
  const own = records.get(nation) ?? []
  try {
    if (own.length < mostRecords)
      own.push(
        (await node(nation).call('recordAdd', capability({ title: `${nation} ${writes}` }))).id,
      )
    else
      await node(nation).call('recordEdit', {
        id: random.pick(own),
        set: { title: { value: `${nation} ${writes}` } },
        ...by,
      })
    writes++
  } catch (error) {
    if (!killed.has(nation)) throw error
    refused++
  }
}
const writing = nations.map(async (nation) => {
  while (!isOver()) {
    if (!killed.has(nation)) await write(nation)
    await pause(random.between(100, 600))
  }
})
const killing = (async () => {
  while (!isOver()) {
    await pause(random.between(8_000, 25_000))
    const nation = random.pick(nations.filter((each) => each !== steady))
    if (isOver()) return
    killed.add(nation)
    node(nation).kill()
    await node(nation).died
    kills++
    await pause(random.between(200, 5_000))
    // On a busy machine a process may be given up before it is open.
    for (let open = false; !open; ) {
      const node = await spawnNode(federation.folder(nation)).catch(() => null)
      if (node !== null) nodes.set(nation, node)
      open = node !== null
    }
    killed.delete(nation)
  }
})()
const silencing = (async () => {
  while (!isOver()) {
    await pause(random.between(5_000, 20_000))
    const line = lines.get(random.pick(nations))
    line?.silence()
    silences++
    await pause(random.between(1_000, 12_000))
    line?.restore()
  }
})()
const attacking = (async () => {
  const names = Object.keys(attacks)
  for (let i = 0; !isOver(); i++) {
    const attack = names[i % names.length] ?? ''
    attacker.send({ attack })
    await pause(Math.min(15_000, lastsMs / names.length))
  }
  attacker.send({})
})()
const sampling = (async () => {
  while (!isOver()) {
    await pause(Math.min(10_000, lastsMs / 12))
    samples.push(rssMb(node(steady).pid))
    say(
      `${writes} writes, ${kills} kills, ${silences} silences, ${steady} ${Math.round(samples.at(-1) ?? 0)} MB`,
    )
  }
})()
await Promise.all([...writing, killing, silencing, attacking, sampling])
say('healing')
for (const line of lines.values()) line.restore()

const failures: string[] = []
await eventually(
  'all in sync',
  async () => {
    for (const nation of nations) {
      const { log, partners } = await node(nation).call('status')
      // The nation whose keys attack is never in sync.
      const others = partners.filter(({ nation: of }) => of !== 'AUS')
      if (log.size !== log.published || others.some(({ inSync }) => !inSync)) return false
    }
    return true
  },
  180_000,
).catch((error: Error) => failures.push(error.message))
for (const sender of nations)
  for (const recipient of nations) {
    if (sender === recipient) continue
    const { sent, received } = heldOnBothSides(federation, sender, recipient)
    if (JSON.stringify(sent) !== JSON.stringify(received))
      failures.push(`${recipient} does not hold what ${sender} has sent it`)
    if (sent.length < (records.get(sender)?.length ?? 0))
      failures.push(`${sender} has lost records that it had confirmed`)
  }
const third = Math.max(1, Math.floor(samples.length / 3))
const middle = (all: readonly number[]) => all.toSorted((a, b) => a - b)[all.length >> 1] ?? 0
const [first, last] = [middle(samples.slice(0, third)), middle(samples.slice(-third))]
const peak = Math.max(...samples)
// In a short run a process is still filling its caches.
if (lastsMs >= 5 * 60_000 && last > first * flatWithin)
  failures.push(
    `${steady} needed ${Math.round(first)} MB in the first third and ${Math.round(last)} in the last`,
  )
process.stdout.write(
  `${writes} writes (${refused} while a node was killed), ${kills} kills, ${silences} silent lines, ${Object.keys(attacks).length} ways of attack; memory ${Math.round(first)} MB, at the end ${Math.round(last)} MB, at most ${Math.round(peak)} MB\n`,
)
for (const words of failures) process.stdout.write(`BROKEN: ${words}\n`)
process.stdout.write(failures.length === 0 ? 'equal digests, flat memory\n' : '')
process.exitCode = failures.length === 0 ? 0 : 1
