import { join } from 'node:path'
import {
  buildRoster,
  installRoster,
  loadNodeFolder,
  loadOwn,
  type RunningNode,
  readSigner,
  selfOf,
  signRoster,
  verifyEd25519,
} from '@entente/node'
import { controlProtocol, feedProtocol, witnessProtocol } from '@entente/node/testing'
import {
  digestOf,
  type Label,
  type LabelOrder,
  labelOrderType,
  type Nation,
  peekJws,
  signJws,
} from '@entente/schema'
import { newGroup } from '../canary/canary.ts'
import {
  type Evidence,
  findIn,
  folderEvidence,
  type ReadEvidence,
  readAll,
  type Sighting,
} from '../support/evidence.ts'
import { createFederation, eventually, type Federation } from '../support/federation.ts'
import { createRawPartner } from '../support/raw-partner.ts'
import { type CapturedFrame, recordingTransport } from '../support/recording-transport.ts'
import { inSync, openServing, readRows } from '../support/scenario.ts'

export const said = { author: 'analyst', reason: 'a test of leaks' }

/** Codes that stand nowhere else. The USA gives them these members; what others call so is their own affair. */
export const groups = {
  partners: 'PARTNERS',
  team: newGroup(),
  empty: newGroup(),
  past: newGroup(),
}
const members = {
  [groups.partners]: [
    { nation: 'GBR', from: '2020-01-01' },
    { nation: 'NOR', from: '2020-01-01' },
  ],
  [groups.team]: [{ nation: 'GBR', from: '2020-01-01' }],
  [groups.empty]: [],
  [groups.past]: [{ nation: 'NOR', from: '2020-01-01', until: '2026-01-01' }],
}

/** What every partner may have unless a label says otherwise. */
export const toPartners = {
  id: 'all',
  effect: 'permit',
  match: { recipientGroups: { intersects: [groups.partners] }, kind: { in: ['capability'] } },
  reasonCode: 'ALL',
  authority: 'Exercise arrangement',
}

/** A policy whose `production` goes by itself; rules, and what else is said, as given. */
export const policyOf = (
  nation: Nation,
  edition: number,
  rules: readonly object[],
  change = {},
) => ({
  nation,
  edition,
  from: '2020-01-01',
  until: '2099-01-01',
  datasets: { production: { mode: 'live', title: 'Production' } },
  groups: members,
  ceilings: Object.fromEntries(['GBR', 'NOR', 'USA'].map((each) => [each, 'SECRET'])),
  bands: {},
  rules,
  tests: [],
  ...change,
})

/** A statement as it went out on a feed: all of it that its recipient can read, without the evidence around it. */
export interface Told {
  readonly to: Nation
  readonly payload: Readonly<Record<string, unknown>>
  readonly openings: readonly unknown[]
  readonly bodies: readonly unknown[]
}

export interface AnyFrame {
  readonly t: string
  readonly bodies?: readonly unknown[]
}

/** USA, which releases, and GBR and NOR, which both ask for all of it; every frame that leaves one of them is kept. */
export interface Stage extends AsyncDisposable {
  readonly federation: Federation
  readonly usa: RunningNode
  readonly gbr: RunningNode
  readonly nor: RunningNode
  readonly frames: (CapturedFrame & { readonly from: Nation })[]
  /** While true no witness answers the USA, so nothing of its log is published. */
  withoutWitnesses: boolean
  /** Puts the next edition of the USA in force. */
  readonly install: (rules: readonly object[], change?: object) => Promise<number>
  /** All that the USA has to say is decided, published and acknowledged. */
  readonly settled: () => Promise<void>
  /** Where a nation has any of these words: in a frame that was ever sent to it, in a table, in a file beside its database. */
  readonly had: (nation: Nation, needles: readonly string[]) => Sighting[]
  /** Statements that the USA sent to a nation, or to all. */
  readonly told: (to?: Nation) => Told[]
  /** Records that wait at the USA to be given, once for each nation. */
  readonly waits: () => string[]
  /** Records that entries of the log ever named to a nation as given. */
  readonly logged: (to: Nation) => { record: string; fields: readonly string[] }[]
  /** The same of any folder. */
  readonly hadIn: (folder: string, needles: readonly string[]) => Sighting[]
  /** All that the USA answers on its feeds to a program that has the nation's network key, whose node must not run: its streams would take the place of these. */
  readonly askAs: (nation: 'GBR' | 'NOR', ...frames: unknown[]) => Promise<readonly AnyFrame[]>
  readonly openAgain: (nation: 'GBR' | 'NOR' | 'USA') => Promise<void>
  /** Builds a roster without a nation, signed by the others, and installs it at one node, which must not run. */
  readonly leaveRoster: (leaving: Nation, at: Nation) => void
  /** A signed order of the nation's policy authority that widens labels of one of its records. */
  readonly widen: (
    node: RunningNode,
    id: string,
    labels: Readonly<Record<string, Label>>,
  ) => Promise<void>
}

export async function openStage(): Promise<Stage> {
  const federation = createFederation(['GBR', 'NOR', 'USA'])
  const frames: Stage['frames'] = []
  const switches = { withoutWitnesses: false }
  const options = (nation: Nation) => {
    const open = recordingTransport(federation.folder(nation), (frame) => {
      if (frame.direction === 'out') frames.push({ ...frame, from: nation })
    })
    const transport: typeof open = async (seed) => {
      const real = await open(seed)
      return {
        ...real,
        open: (peerId, protocol, rest) =>
          switches.withoutWitnesses && nation === 'USA' && protocol === witnessProtocol
            ? Promise.reject(new Error('this witness does not answer'))
            : real.open(peerId, protocol, rest),
        [Symbol.asyncDispose]: () => real[Symbol.asyncDispose](),
      }
    }
    return { transport }
  }
  const nodes = await openServing(federation, ['GBR', 'NOR', 'USA'], options)
  const [gbr, nor, usa] = nodes as [RunningNode, RunningNode, RunningNode]
  const running = { GBR: gbr, NOR: nor, USA: usa }
  for (const node of [gbr, nor])
    await node.subscribe({ dataset: 'production', from: 'USA', action: 'subscribe' })
  await nor.subscribe({ dataset: 'production', from: 'GBR', action: 'subscribe' })
  const rows = (nation: Nation, sql: string, ...args: string[]) =>
    readRows(federation.folder(nation), sql, ...args)
  await eventually(
    'both have asked the USA',
    () => rows('USA', 'SELECT nation FROM subscription').length === 2,
  )
  let edition = 0
  const told = (to?: Nation): Told[] =>
    frames.flatMap(({ from, partner, protocol, bytes }) => {
      const isFeed = protocol === feedProtocol || protocol === controlProtocol
      if (from !== 'USA' || !isFeed || (to !== undefined && partner !== to)) return []
      const frame = JSON.parse(Buffer.from(bytes).toString()) as Record<string, unknown>
      if (typeof frame['jws'] !== 'string' || frame['t'] === 'ack') return []
      const { openings = [], bodies = [] } = frame as Partial<Told>
      return [
        {
          to: partner,
          payload: peekJws(frame['jws']).payload as Told['payload'],
          openings,
          bodies,
        },
      ]
    })
  return {
    federation,
    get usa() {
      return running.USA
    },
    get gbr() {
      return running.GBR
    },
    get nor() {
      return running.NOR
    },
    frames,
    get withoutWitnesses() {
      return switches.withoutWitnesses
    },
    set withoutWitnesses(value) {
      switches.withoutWitnesses = value
    },
    install: async (rules, change = {}) => {
      await running.USA.policyInstall(
        federation.sign('USA', policyOf('USA', ++edition, rules, change)),
      )
      return edition
    },
    settled: async () => {
      await eventually('nothing is left to decide', () => {
        const left = rows('USA', 'SELECT record FROM dirty UNION ALL SELECT record FROM waiting')
        return left.length === 0
      })
      for (const nation of ['GBR', 'NOR']) await inSync(running.USA, nation)
    },
    had: (nation, needles) =>
      findIn(
        [
          ...frames.filter(({ partner }) => partner === nation).flatMap(readFrame),
          ...readAll(tablesOf(federation.folder(nation))),
        ],
        needles,
      ),
    told,
    waits: () => rows('USA', 'SELECT record FROM waiting').map(({ record }) => String(record)),
    logged: (to) =>
      rows(
        'USA',
        "SELECT record, opening ->> '$[1].fields' AS fields FROM entry_out JOIN feed_out USING (feed) WHERE recipient = ? AND opening ->> '$[1].op' = 'put'",
        to,
      ).map(({ record, fields }) => ({
        record: String(record),
        fields: JSON.parse(String(fields)) as string[],
      })),
    hadIn: (folder, needles) => findIn(readAll(folderEvidence(folder)), needles),
    askAs: async (nation, ...said) => {
      const { keys } = loadNodeFolder(federation.folder(nation))
      await using raw = await createRawPartner(federation, nation, 'USA', keys.identitySeed)
      return [...(await raw.pushed(...said)), ...(await raw.answersTo(controlProtocol, ...said))]
    },
    openAgain: async (nation) => {
      running[nation] = await federation.open(nation, options(nation))
    },
    leaveRoster: (leaving, at) => {
      const { nations, witnessPolicy } = federation.roster
      const left = nations.filter(({ nation }) => nation !== leaving)
      let roster = buildRoster(left, { number: witnessPolicy.number + 1 }, verifyEd25519)
      for (const { nation } of left)
        roster = signRoster(roster, readSigner(federation.rootKey(nation)))
      const own = loadOwn(federation.folder(at))
      installRoster(own.rosterPath, roster, selfOf(own))
    },
    widen: async (node, id, labels) => {
      const { fields } = await node.recordShow(id)
      const values = Object.keys(labels).map((name) => [name, fields[name]?.value ?? null] as const)
      const base = await node.recordBase(id)
      const order: LabelOrder = {
        nation: node.nation,
        record: id,
        base,
        labels,
        values: digestOf(Object.fromEntries(values)),
        reason: said.reason,
      }
      const key = join(federation.root, 'authority', `${node.nation}.authority.pem`)
      const signatures = [signJws(labelOrderType, order, readSigner(key).sign)]
      const set = Object.fromEntries(
        Object.entries(labels).map(([name, label]) => [name, { label }]),
      )
      await node.recordEdit({ id, set, ...said, order: { base, signatures } })
    },
    [Symbol.asyncDispose]: () => federation[Symbol.asyncDispose](),
  }
}

/** Every reading of a frame, which is read once. */
const readFrame = (frame: CapturedFrame): readonly ReadEvidence[] => {
  const known = read.get(frame)
  if (known !== undefined) return known
  const made = readAll([{ place: `frame ${frame.protocol}`, bytes: frame.bytes }])
  read.set(frame, made)
  return made
}
const read = new WeakMap<CapturedFrame, readonly ReadEvidence[]>()

/** Tables rather than the pages of the database: a page may keep for a while what the node has deleted. */
function* tablesOf(folder: string): Generator<Evidence> {
  for (const evidence of folderEvidence(folder))
    if (!evidence.place.startsWith('entente.db')) yield evidence
}

/** The part of a record's id that stands nowhere else. */
export const idOf = ({ id }: { readonly id: string }): string => id.slice('urn:entente:'.length)
