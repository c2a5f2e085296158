import { mkdtempSync, readFileSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import {
  type BuildOptions,
  buildRoster,
  initNode,
  installRoster,
  loadOwn,
  type NodeOptions,
  openNode,
  type RunningNode,
  readSigner,
  selfOf,
  signRoster,
  verifyEd25519,
} from '@entente/node'
import { PolicyDocument, sealOf } from '@entente/policy'
import { type Nation, policySealType, type RosterFile, signJws } from '@entente/schema'

/** A federation of real nodes on loopback, each with its own folder and keys, thrown away at the end. */
export interface Federation extends AsyncDisposable {
  readonly root: string
  readonly roster: RosterFile
  readonly folder: (nation: Nation) => string
  readonly open: (nation: Nation, options?: Partial<NodeOptions>) => Promise<RunningNode>
  /** Builds, signs and installs another roster of the same nations, at some of them if so said. */
  readonly install: (options: BuildOptions, at?: readonly Nation[]) => RosterFile
  /** Signs a policy with the nation's authority key, which does not lie on the node. */
  readonly sign: (nation: Nation, document: unknown) => unknown
}

// Below the ports that the system gives to outgoing connections.
// Below the range from which the system takes ports by itself; each test process has 200 of its own.
let port = 12_000 + (process.pid % 100) * 200

/** Makes folders, keys and a roster signed by every root; opens nothing. */
export function createFederation(nations: readonly Nation[]): Federation {
  const root = mkdtempSync(join(tmpdir(), 'entente-'))
  const folder = (nation: Nation) => join(root, nation)
  const keysDir = join(root, 'authority')
  const made = nations.map((nation) =>
    initNode({
      folder: folder(nation),
      keysDir,
      nation,
      organisation: `${nation} exercise office`,
      listen: `127.0.0.1:${port++}`,
      exercise: 'EXERCISE: public facts, invented labels and policies',
    }),
  )
  const files = made.map(
    ({ nationFilePath }) => JSON.parse(readFileSync(nationFilePath, 'utf8')) as unknown,
  )
  const install = (options: BuildOptions, at = nations): RosterFile => {
    let roster = buildRoster(files, options, verifyEd25519)
    for (const { rootKeyPath } of made) roster = signRoster(roster, readSigner(rootKeyPath))
    for (const nation of at) {
      const own = loadOwn(folder(nation))
      installRoster(own.rosterPath, roster, selfOf(own))
    }
    return roster
  }
  const roster = install({ number: 1 })
  const opened = new Set<RunningNode>()
  return {
    root,
    roster,
    folder,
    install,
    open: async (nation, options = {}) => {
      const node = await openNode({ folder: folder(nation), network: true, ...options })
      opened.add(node)
      return node
    },
    sign: (nation, document) => {
      const policy = PolicyDocument.parse(document)
      const signer = readSigner(join(keysDir, `${nation}.authority.pem`))
      return { policy, signatures: [signJws(policySealType, sealOf(policy), signer.sign)] }
    },
    [Symbol.asyncDispose]: async () => {
      await Promise.allSettled([...opened].map((node) => node[Symbol.asyncDispose]()))
      rmSync(root, { recursive: true, force: true })
    },
  }
}

/** Waits until `check` is true or a value, at most `withinMs`. */
export async function eventually<T>(
  what: string,
  check: () => Promise<T> | T,
  withinMs = 20_000,
): Promise<Exclude<T, null | undefined | false>> {
  const until = performance.now() + withinMs
  for (;;) {
    const value = await check()
    if (value) return value as Exclude<T, null | undefined | false>
    if (performance.now() > until) throw new Error(`not within ${withinMs} ms: ${what}`)
    await new Promise((resolve) => setTimeout(resolve, 25))
  }
}
