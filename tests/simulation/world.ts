import { cpSync, existsSync, mkdirSync, rmSync } from 'node:fs'
import { join } from 'node:path'
import { openNode, type RunningNode, type Step } from '@entente/node'
import type { Transport } from '@entente/node/testing'
import type { Nation } from '@entente/schema'
import type { Federation } from './federation.ts'
import type { Place, SimulatedNetwork } from './network.ts'
import type { Trace } from './trace.ts'
import { type Owner, owned, plan, unowned, virtualNowMs } from './virtual-world.ts'

/** What a dishonest process does with its lines; it holds the nation's own keys. */
export type Tamper = (transport: Transport, folder: string) => Transport

/** One process of a nation, from its start to its end. */
export interface Process {
  readonly nation: Nation
  readonly folder: string
  readonly owner: Owner
  /** Null until it has opened, and again when it is gone. */
  readonly node: () => RunningNode | null
}

export interface StartOptions {
  readonly folder: string
  readonly tamper?: Tamper | undefined
  readonly audience?: Place['audience']
  readonly alone?: boolean
}

export interface World {
  readonly start: (nation: Nation, options: StartOptions) => Process
  /** The process ends where it stands: nothing of it goes on, and what was committed is all that stays. */
  readonly kill: (process: Process) => void
  /** The process dies when it next reaches this step. */
  readonly arm: (process: Process, step: Step, onDeath: () => void) => void
  readonly disarm: (process: Process) => void
  /** Copies what a power cut at this moment would leave; with the outside files of another folder, if one is named. */
  readonly copy: (folder: string, headFrom?: string) => string
  readonly processes: () => readonly Process[]
  /** Every folder as it was while its process lived: what a dying process still does to its own reaches nobody. */
  readonly folders: () => readonly string[]
}

const files = [
  'config.json',
  'keys',
  'roster.json',
  'genesis-seal.jws',
  'journal.jsonl',
  'entente.db',
  'entente.db-wal',
]
/** Kept outside of the database and its backups. */
const outside = ['log-head', 'witness-count']

export function createWorld(
  root: string,
  federation: Federation,
  network: SimulatedNetwork,
  offsetMs: (nation: Nation) => number,
  trace: Trace,
): World {
  const all: Process[] = []
  const armed = new Map<Process, { readonly step: Step; readonly onDeath: () => void }>()
  const places = new Map<Process, Place>()
  const copies: string[] = []

  const kill = (process: Process) => {
    process.owner.dead = true
    armed.delete(process)
    const place = places.get(process)
    if (place !== undefined) network.leave(place)
  }
  return {
    processes: () => all,
    folders: () => {
      const died = new Set(all.filter(({ owner }) => owner.dead).map(({ folder }) => folder))
      return copies.filter((folder) => !died.has(folder))
    },
    kill,
    arm: (process, step, onDeath) => armed.set(process, { step, onDeath }),
    disarm: (process) => armed.delete(process),
    copy: (folder, headFrom = folder) => {
      const to = join(root, `copy-${copies.length}`)
      copies.push(to)
      mkdirSync(to, { recursive: true, mode: 0o700 })
      const from = (name: string) => join(outside.includes(name) ? headFrom : folder, name)
      for (const name of [...files, ...outside])
        if (existsSync(from(name))) cpSync(from(name), join(to, name), { recursive: true })
      return to
    },
    start: (nation, { folder, tamper, audience = () => true, alone = false }) => {
      const owner: Owner = { name: `${nation}/${all.length}`, dead: false }
      const place: Place = { nation, peerId: federation.peerId(nation), owner, audience }
      let node: RunningNode | null = null
      const process: Process = { nation, folder, owner, node: () => (owner.dead ? null : node) }
      all.push(process)
      places.set(process, place)
      const onStep = (step: Step) => {
        if (owner.dead) throw new Error(`${owner.name} is dead`)
        trace.say(nation, `step ${step}`)
        const arm = armed.get(process)
        if (arm?.step !== step) return
        trace.say(nation, `dies at ${step}`)
        kill(process)
        unowned(arm.onDeath)
        throw new Error(`${owner.name} was cut off at ${step}`)
      }
      owned(owner, () =>
        plan(0, () => {
          void openNode({
            folder,
            network: true,
            alone,
            clock: { nowMs: () => virtualNowMs() + offsetMs(nation) },
            onStep,
            transport: async () => {
              const transport = await network.join(place)
              return tamper?.(transport, folder) ?? transport
            },
          }).then(
            (opened) => {
              node = opened
              if (!owner.dead) trace.say(nation, 'is open')
            },
            (error: unknown) => {
              if (!owner.dead) trace.fail(`${owner.name} did not open: ${String(error)}`)
            },
          )
        }),
      )
      return process
    },
  }
}

/** Throws everything of a run away. */
export const clear = (root: string) => rmSync(root, { recursive: true, force: true })
