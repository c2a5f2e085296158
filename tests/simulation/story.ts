import { join } from 'node:path'
import { DatabaseSync } from 'node:sqlite'
import type { NodeApi, Step } from '@entente/node'
import type { Label, Nation } from '@entente/schema'
import {
  forks,
  liesAsWitness,
  neverAcknowledges,
  reorders,
  replays,
  withholds,
} from './dishonest.ts'
import { type Federation, policyFor } from './federation.ts'
import { mostFaulty, nations } from './nations.ts'
import type { SimulatedNetwork } from './network.ts'
import type { Random } from './random.ts'
import type { Trace } from './trace.ts'
import { owned, plan, runUntil, virtualNowMs } from './virtual-world.ts'
import type { Process, Tamper, World } from './world.ts'

/** What a nation of this run is. At most f of the witnesses of each log are not honest and whole: two of seven, ten of 31. */
export type Role =
  | 'honest'
  | 'forks'
  | 'lies as witness'
  | 'replays'
  | 'withholds'
  | 'reorders'
  | 'never acknowledges'
  | 'restores an old copy'

export interface Story {
  readonly role: (nation: Nation) => Role
  /** The process that speaks for a nation now. */
  readonly process: (nation: Nation) => Process
  /** Both processes of the nation that forked its log, if it did. */
  readonly fork: () => readonly [Process, Process] | null
  /** The folder of a nation from before it was put back to an old copy. */
  readonly wholeFolder: (nation: Nation) => string
  /** Records whose addition was confirmed, and not their withdrawal. */
  readonly added: () => ReadonlyMap<string, Nation>
  readonly trouble: () => Promise<void>
  readonly heal: () => Promise<void>
  /** One nation is gone, and each of the others adds a record. @returns these records, when they have had two minutes */
  readonly goAway: () => Promise<{
    readonly away: Nation
    readonly fresh: ReadonlyMap<string, Nation>
  }>
  readonly comeBack: (away: Nation) => void
}

/** Clocks of the nations. */
export interface Clocks {
  /** By so much more than it was off from its start. */
  readonly shift: (nation: Nation, byMs: number) => void
}

export interface StoryContext {
  readonly random: Random
  readonly world: World
  readonly network: SimulatedNetwork
  readonly federation: Federation
  readonly trace: Trace
  readonly folders: ReadonlyMap<Nation, string>
  readonly clocks: Clocks
  /** So many lie as witnesses for one that forks: what happens beyond f. Else the seed says who does what. */
  readonly liars?: number | undefined
}

const minuteMs = 60_000
const troubleMs = 8 * minuteMs
const dayMs = 1_440 * minuteMs
const tampers: Partial<Record<Role, (random: Random) => Tamper>> = {
  'lies as witness': () => liesAsWitness,
  replays,
  withholds,
  reorders,
  'never acknowledges': () => neverAcknowledges,
}
const faults = [
  'forks',
  'lies as witness',
  'replays',
  'withholds',
  'reorders',
  'never acknowledges',
  'restores an old copy',
] as const satisfies readonly Role[]
/** What a nation can be that is not honest; where more than these may be so, others do the same once more, but for what one nation alone does. */
const faultsOf = (most: number): readonly Role[] => {
  const others = faults.filter((is) => is !== 'forks' && is !== 'restores an old copy')
  const again = Array.from({ length: most }, (_, i) => others[i % others.length] ?? 'replays')
  return [...faults, ...again.slice(0, Math.max(0, most - faults.length))]
}
/** One that forks, and so many that lie for it. */
const sideOf = (liars: number): Role[] => [
  'forks',
  ...Array.from({ length: liars }, () => 'lies as witness' as const),
]
const dyingSteps: readonly Step[] = [
  'seal:decided',
  'seal:appended',
  'seal:committed',
  'publish:head-written',
  'publish:cosigned',
  'publish:stored',
  'feed:sending',
  'feed:sent',
  'admit:evidence',
  'admit:statement',
  'admit:body',
  'admit:acknowledged',
  'feed:acknowledged',
]

function sizeIn(folder: string, sql: string): number {
  const db = new DatabaseSync(join(folder, 'entente.db'), { readOnly: true })
  try {
    return (db.prepare(sql).get()?.['size'] as number | null | undefined) ?? 0
  } finally {
    db.close()
  }
}
/** Leaves of the log in a node's folder. */
export const headIn = (folder: string): number => sizeIn(folder, 'SELECT size FROM head')
const publishedIn = (folder: string): number =>
  sizeIn(folder, 'SELECT MAX(size) AS size FROM checkpoint WHERE published_ms IS NOT NULL')

export function createStory(context: StoryContext): Story {
  const { random, world, network, federation, trace, folders, clocks, liars } = context
  const roles = new Map<Nation, Role>()
  const parts =
    liars === undefined
      ? random.sample(faultsOf(mostFaulty), random.between(0, mostFaulty))
      : sideOf(liars)
  for (const [i, nation] of random.sample(nations, parts.length).entries())
    roles.set(nation, parts[i] ?? 'honest')
  const role = (nation: Nation): Role => roles.get(nation) ?? 'honest'
  for (const [nation, is] of roles) trace.say(nation, `is one that ${is}`)

  const processes = new Map<Nation, Process>()
  /** What a nation that is down will start from. */
  const down = new Map<Nation, string>()
  const whole = new Map<Nation, string>()
  const added = new Map<string, Nation>()
  let fork: readonly [Process, Process] | null = null
  let cut: (a: string, b: string) => boolean = () => false

  const start = (nation: Nation, folder: string) => {
    down.delete(nation)
    processes.set(nation, world.start(nation, { folder, tamper: tampers[role(nation)]?.(random) }))
  }
  for (const nation of nations) start(nation, folders.get(nation) ?? '')
  const process = (nation: Nation): Process => processes.get(nation) as Process
  /** Ends what runs of a nation and what was to start. @returns what it leaves */
  const stop = (nation: Nation): string => {
    const folder = down.get(nation) ?? process(nation).folder
    down.delete(nation)
    world.kill(process(nation))
    return folder
  }
  const isAlive = (nation: Nation) => process(nation).node() !== null

  /** Asks a node for something. What it refuses, or does not live to answer, is part of the story. */
  const ask = <T>(
    what: string,
    of: Process,
    work: (node: NodeApi) => Promise<T>,
  ): Promise<T | null> => {
    const node = of.node()
    if (node === null) return Promise.resolve(null)
    return owned(of.owner, () => work(node)).then(
      (value) => {
        trace.say(of.nation, what)
        return value
      },
      (error: unknown) => {
        const code = (error as { code?: unknown }).code
        if (!of.owner.dead && typeof code !== 'string')
          trace.fail(
            `${of.nation} ${what}: ${error instanceof Error ? error.stack : String(error)}`,
          )
        trace.say(of.nation, `refuses: ${what}: ${String(code)}`)
        return null
      },
    )
  }
  const said = { author: 'analyst', reason: 'simulation' }
  const label = (): Label => ({
    classification: 'UNCLASSIFIED',
    releasableTo: random.sample(nations, random.between(3, nations.length)).sort(),
    caveats: [],
  })
  let titles = 0
  const add = async (of: Process) => {
    const title = `record ${titles++}`
    const fields = { title, supplier: `maker of ${title}`, domain: 'munitions' }
    const labels = { title: label(), supplier: label(), domain: label() }
    const made = await ask(`adds ${title}`, of, (node) =>
      node.recordAdd({ kind: 'capability', dataset: 'production', fields, labels, ...said }),
    )
    if (made !== null && process(of.nation) === of) added.set(made.id, of.nation)
  }
  const ownRecord = (nation: Nation) => {
    const own = [...added].filter(([, of]) => of === nation).map(([id]) => id)
    return own.length === 0 ? null : random.pick(own)
  }
  const edit = async (of: Process) => {
    const id = ownRecord(of.nation)
    if (id === null) return
    const value = `another maker ${random.below(1000)}`
    await ask('edits a record', of, (node) =>
      node.recordEdit({ id, set: { supplier: { value } }, ...said }),
    )
  }
  const withdraw = async (of: Process) => {
    const id = ownRecord(of.nation)
    if (id === null) return
    added.delete(id)
    await ask('withdraws a record', of, (node) => node.recordWithdraw({ id, ...said }))
  }
  const editions = new Map<Nation, number>()
  const changePolicy = async (of: Process) => {
    const edition = (editions.get(of.nation) ?? 1) + 1
    editions.set(of.nation, edition)
    const others = nations.filter((each) => each !== of.nation)
    const signed = federation.signPolicy(
      of.nation,
      policyFor(of.nation, edition, random.sample(others, random.between(4, others.length))),
    )
    await ask(`installs policy ${edition}`, of, (node) => node.policyInstall(signed))
  }
  const subscribe = async (of: Process) => {
    const from = random.pick(nations.filter((each) => each !== of.nation))
    const action = random.chance(75) ? 'subscribe' : 'unsubscribe'
    await ask(`${action}s at ${from}`, of, (node) =>
      node.subscribe({ dataset: 'production', from, action }),
    )
  }

  const restartLater = (nation: Nation) => {
    const folder = world.copy(process(nation).folder)
    down.set(nation, folder)
    plan(random.between(1_000, 3 * minuteMs), () => {
      if (down.get(nation) === folder) restart(nation)
    })
  }
  const restart = (nation: Nation) => {
    trace.say(nation, 'starts again')
    start(nation, down.get(nation) ?? '')
  }
  const mayDie = (nation: Nation) =>
    isAlive(nation) && role(nation) !== 'forks' && !whole.has(nation)
  const crash = (nation: Nation) => {
    if (!mayDie(nation)) return
    const old = process(nation)
    if (random.chance(30)) {
      trace.say(nation, 'is killed')
      world.kill(old)
      restartLater(nation)
      return
    }
    const step = random.pick(dyingSteps)
    trace.say(nation, `will die at ${step}`)
    world.arm(old, step, () => restartLater(nation))
  }
  const split = () => {
    const some = random.sample(nations, random.between(1, nations.length / 2))
    trace.say('lines', `between ${some.join(' ')} and the others are cut`)
    cut = (a, b) => some.includes(a as never) !== some.includes(b as never)
    network.setLines((a, b) => !cut(a, b))
  }
  const cutPair = () => {
    const [one, other] = random.sample(nations, 2)
    const before = cut
    trace.say('lines', `between ${one} and ${other} are cut`)
    cut = (a, b) => before(a, b) || (a === one && b === other) || (a === other && b === one)
    network.setLines((a, b) => !cut(a, b))
  }
  const mend = () => {
    trace.say('lines', 'are whole')
    cut = () => false
    network.setLines(() => true)
  }
  /** Nothing arrives, and nobody is told: until it is mended, or for good where the line is cut meanwhile. */
  const silence = () => {
    const [a = 'AUS', b = 'CAN'] = random.sample(nations, 2)
    trace.say('lines', `between ${a} and ${b} fall silent`)
    network.silence(a, b)
    plan(random.between(10_000, 3 * minuteMs), () => network.drop(a, b))
  }
  /** Somebody sets a clock by a day, and sets it right again. */
  const setClock = (nation: Nation) => {
    if (role(nation) !== 'honest') return
    const byMs = random.chance(50) ? dayMs : -dayMs
    trace.say(nation, `has its clock set by ${byMs} ms`)
    clocks.shift(nation, byMs)
    plan(random.between(10_000, 2 * minuteMs), () => clocks.shift(nation, 0))
  }
  const drop = () => {
    const [a = 'AUS', b = 'CAN'] = random.sample(nations, 2)
    trace.say('lines', `between ${a} and ${b} fail for a moment`)
    network.drop(a, b)
  }

  const actions: readonly (readonly [weight: number, (nation: Nation) => unknown])[] = [
    [8, (nation) => add(process(nation))],
    [4, (nation) => edit(process(nation))],
    [2, (nation) => withdraw(process(nation))],
    [2, (nation) => changePolicy(process(nation))],
    [3, (nation) => subscribe(process(nation))],
    [4, crash],
    [2, split],
    [2, cutPair],
    [3, mend],
    [2, drop],
    [2, silence],
    [1, setClock],
  ]
  const deck = actions.flatMap(([weight, work]) => Array.from({ length: weight }, () => work))

  /** Two copies of one node, each with its own half of the world, under the same keys. */
  const forkLog = (nation: Nation) => {
    const folder = stop(nation)
    const others = nations.filter((each) => each !== nation)
    const half = random.sample(others, random.between(2, others.length - 2))
    let swapped = false
    const halves = [true, false].map((first) =>
      world.start(nation, {
        folder: world.copy(folder),
        alone: true,
        tamper: forks,
        // Those who lie for it see both.
        audience: (other) =>
          role(other) === 'lies as witness' ||
          half.includes(other as never) === (first !== swapped),
      }),
    ) as [Process, Process]
    fork = halves
    processes.set(nation, halves[0])
    trace.say(nation, `shows one log to ${half.join(' ')} and another to the others`)
    for (let i = 0; i < 6; i++)
      plan(random.between(5_000, 4 * minuteMs), () => void add(halves[i % 2] as Process))
    plan(random.between(2 * minuteMs, 5 * minuteMs), () => {
      trace.say(nation, 'changes sides')
      swapped = true
      network.settle()
      for (const each of halves) plan(random.between(1_000, minuteMs), () => void add(each))
    })
  }
  /** A copy is taken now; later, when the log has grown, the node comes back from it. */
  const restoreOld = (nation: Nation) => {
    const copy = world.copy(process(nation).folder)
    const withHeadFile = random.chance(50)
    plan(random.between(2 * minuteMs, 5 * minuteMs), () => {
      // What it must not forget.
      void subscribe(process(nation))
      plan(minuteMs, () => {
        const now = stop(nation)
        // What nobody else has seen nobody can miss: not even the node, whose outside files are as old.
        if (publishedIn(now) <= headIn(copy)) {
          start(nation, now)
          return
        }
        whole.set(nation, now)
        trace.say(
          nation,
          `is put back to an old copy${withHeadFile ? ', outside file and all' : ''}`,
        )
        const folder = withHeadFile ? copy : world.copy(copy, now)
        start(nation, folder)
        // What it must not say.
        for (let i = 1; i < 4; i++) plan(i * minuteMs, () => void subscribe(process(nation)))
      })
    })
  }

  return {
    role,
    process,
    fork: () => fork,
    wholeFolder: (nation) => whole.get(nation) ?? process(nation).folder,
    added: () => added,
    trouble: async () => {
      await runUntil(virtualNowMs() + 5_000)
      for (const [nation, is] of roles) {
        if (is === 'forks') plan(random.between(1_000, minuteMs), () => forkLog(nation))
        if (is === 'restores an old copy')
          plan(random.between(1_000, minuteMs), () => restoreOld(nation))
      }
      const count = random.between(2 * nations.length - 1, 4 * nations.length - 2)
      for (let i = 0; i < count; i++) {
        const work = random.pick(deck)
        const nation = random.pick(nations)
        plan(random.below(troubleMs), () => void work(nation))
      }
      await runUntil(virtualNowMs() + troubleMs)
    },
    heal: async () => {
      mend()
      for (const nation of nations) clocks.shift(nation, 0)
      for (const nation of nations) {
        world.disarm(process(nation))
        if (down.has(nation)) restart(nation)
      }
      await runUntil(virtualNowMs() + minuteMs)
    },
    goAway: async () => {
      const away = random.pick(nations.filter((nation) => role(nation) === 'honest'))
      trace.say(away, 'is away')
      world.kill(process(away))
      down.set(away, world.copy(process(away).folder))
      const before = new Set(added.keys())
      for (const nation of nations) if (nation !== away) void add(process(nation))
      await runUntil(virtualNowMs() + 2 * minuteMs)
      const fresh = [...added].filter(([id]) => !before.has(id))
      return { away, fresh: new Map(fresh) }
    },
    comeBack: restart,
  }
}
