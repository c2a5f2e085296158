import { mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import {
  type BuildOptions,
  buildRoster,
  type InitOptions,
  initNode,
  installRoster,
  type LogRhythm,
  loadOwn,
  type NodeConfig,
  type NodeOptions,
  openNode,
  type RunningNode,
  readSigner,
  selfOf,
  signRoster,
  verifyEd25519,
} from '@entente/node'
import { PolicyDocument, RegisterDocument, registerSealOf, sealOf } from '@entente/policy'
import {
  type Nation,
  policySealType,
  type RosterFile,
  registerSealType,
  signJws,
} from '@entente/schema'
import { ownPorts } from './own-ports.ts'

/** A federation of real nodes on loopback, each with its own folder and keys, thrown away at the end. */
export interface Federation extends AsyncDisposable {
  readonly root: string
  /** The newest one. */
  readonly roster: RosterFile
  readonly folder: (nation: Nation) => string
  /** Changes the nation's `config.json`, as its administrator would; the node goes by it once it is opened. */
  readonly configure: (nation: Nation, change: Partial<NodeConfig>) => void
  readonly open: (nation: Nation, options?: Partial<NodeOptions>) => Promise<RunningNode>
  /** Signs a policy with keys of the nation's authorities, numbered from 1, which do not lie on the node; the first one's unless said. */
  readonly sign: (nation: Nation, document: unknown, by?: readonly number[]) => unknown
  /** The same with a register of agreements. */
  readonly signRegister: (nation: Nation, document: unknown, by?: readonly number[]) => unknown
  readonly rootKey: (nation: Nation) => string
  /** A new roster out of the newest nation files, signed by every root and installed at the nodes named; they must not run. */
  readonly renew: (at?: readonly Nation[], options?: Partial<BuildOptions>) => void
}

type Listening = Pick<InitOptions, 'listen' | 'endpoints'>
/** @param placeOf address of a nation that stands before this one, with its peer id; undefined: a port of its own of loopback */
type Listens = (nation: Nation, placeOf: (nation: Nation) => string) => Listening | undefined

/** All files that share this process share its ports. */
let port = await ownPorts()

/**
 * Makes folders, keys and a roster signed by every root; opens nothing.
 * @param rhythm how every nation's log grows, where it is not by default
 * @param authorities policy authorities of each nation
 * @param listening where each nation listens and is dialled, if not on a port of its own of loopback
 */
export function createFederation(
  nations: readonly Nation[],
  rhythm?: LogRhythm,
  authorities = 1,
  listening: Listens = () => undefined,
): Federation {
  const root = mkdtempSync(join(tmpdir(), 'entente-'))
  const folder = (nation: Nation) => join(root, nation)
  const keysDir = join(root, 'authority')
  const configPath = (nation: Nation) => join(folder(nation), 'config.json')
  const configOf = (nation: Nation) =>
    JSON.parse(readFileSync(configPath(nation), 'utf8')) as NodeConfig
  const configure = (nation: Nation, change: Partial<NodeConfig>): void =>
    writeFileSync(configPath(nation), JSON.stringify({ ...configOf(nation), ...change }))
  const peerIds = new Map<Nation, string>()
  const placeOf = (nation: Nation) => `${configOf(nation).endpoints[0]}/p2p/${peerIds.get(nation)}`
  const made = nations.map((nation) => {
    const one = initNode({
      folder: folder(nation),
      keysDir,
      nation,
      organisation: `${nation} exercise office`,
      ...(listening(nation, placeOf) ?? { listen: `127.0.0.1:${port++}` }),
      authorities,
      exercise: 'EXERCISE: public facts, invented labels and policies',
    })
    peerIds.set(nation, one.peerId)
    return one
  })
  const build = (number: number, options: Partial<BuildOptions> = {}): RosterFile => {
    const files = made.map(
      ({ nationFilePath }) => JSON.parse(readFileSync(nationFilePath, 'utf8')) as unknown,
    )
    let built = buildRoster(files, { number, ...options }, verifyEd25519)
    for (const { rootKeyPath } of made) built = signRoster(built, readSigner(rootKeyPath))
    return built
  }
  if (rhythm !== undefined) for (const nation of nations) configure(nation, { log: rhythm })
  let roster = build(1)
  const install = (at: readonly Nation[]): void => {
    for (const nation of at) {
      const own = loadOwn(folder(nation))
      installRoster(own.rosterPath, roster, selfOf(own))
    }
  }
  install(nations)
  const signers = (nation: Nation, by: readonly number[]) =>
    by.map((n) => {
      const file = n === 1 ? `${nation}.authority.pem` : `${nation}.authority-${n}.pem`
      return readSigner(join(keysDir, file)).sign
    })
  const opened = new Set<RunningNode>()
  return {
    root,
    get roster() {
      return roster
    },
    folder,
    configure,
    open: async (nation, options = {}) => {
      const node = await openNode({ folder: folder(nation), network: true, ...options })
      opened.add(node)
      return node
    },
    sign: (nation, document, by = [1]) => {
      const policy = PolicyDocument.parse(document)
      const seal = sealOf(policy)
      return {
        policy,
        signatures: signers(nation, by).map((s) => signJws(policySealType, seal, s)),
      }
    },
    signRegister: (nation, document, by = [1]) => {
      const register = RegisterDocument.parse(document)
      const seal = registerSealOf(register)
      const signatures = signers(nation, by).map((s) => signJws(registerSealType, seal, s))
      return { register, signatures }
    },
    rootKey: (nation) => join(keysDir, `${nation}.root.pem`),
    renew: (at = nations, options = {}) => {
      roster = build(roster.witnessPolicy.number + 1, options)
      install(at)
    },
    [Symbol.asyncDispose]: async () => {
      await Promise.allSettled([...opened].map((node) => node[Symbol.asyncDispose]()))
      rmSync(root, { recursive: true, force: true })
    },
  }
}

const LOOKS = 40

/** Waits until `check` is true or a value, at most `withinMs`, and not without having looked a while: a pause gives no node its turn. */
export async function eventually<T>(
  what: string,
  check: () => Promise<T> | T,
  withinMs = 40_000,
): Promise<Exclude<T, null | undefined | false>> {
  const until = performance.now() + withinMs
  for (let looked = 1; ; looked++) {
    const value = await check()
    if (value) return value as Exclude<T, null | undefined | false>
    if (performance.now() > until && looked >= LOOKS)
      throw new Error(`not within ${withinMs} ms: ${what}`)
    await new Promise((resolve) => setTimeout(resolve, 25))
  }
}
