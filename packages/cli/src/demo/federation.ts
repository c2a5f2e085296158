import { type ChildProcess, spawn } from 'node:child_process'
import { randomInt } from 'node:crypto'
import { copyFileSync, existsSync, readFileSync, rmSync, writeFileSync } from 'node:fs'
import { createServer } from 'node:net'
import { join } from 'node:path'
import { fileURLToPath } from 'node:url'
import {
  connectControl,
  type InitOptions,
  initNode,
  installRoster,
  loadOwn,
  lockFolder,
  mappingSealType,
  type NodeApi,
  parseMapping,
  parseRosterFile,
  pathsOf,
  readRosterJson,
  readSigner,
  sealOfMapping,
  selfOf,
} from '@entente/node'
import { PolicyDocument, RegisterDocument, registerSealOf, sealOf } from '@entente/policy'
import {
  type Nation,
  policySealType,
  type RosterFile,
  registerSealType,
  type Sign,
  signJws,
} from '@entente/schema'
import { type ComparedWords, pairNations } from './pair-nations.ts'

/** The demo's five nations; each runs its own process with its own folder and keys. */
export interface DemoFederation extends AsyncDisposable {
  readonly nations: readonly Nation[]
  readonly roster: RosterFile
  readonly rosterPath: string
  /** The six words of one pair; null when they were paired in an earlier run. */
  readonly compared: ComparedWords | null
  readonly folderOf: (nation: Nation) => string
  readonly api: (nation: Nation) => NodeApi
  /** Signs a policy with the authority's key, which lies in `authority/` and on no node. */
  readonly sign: (nation: Nation, document: unknown) => unknown
  /** Signs a register of agreements likewise. */
  readonly signRegister: (nation: Nation, document: unknown) => unknown
  /** Key of the nation's release officer, which lies there too. */
  readonly officer: (nation: Nation) => Sign
  /** Signs a mapping likewise. */
  readonly signMapping: (nation: Nation, text: string) => readonly string[]
}

const main = fileURLToPath(new URL('../main.js', import.meta.url))

/**
 * Makes keys and certificates, starts one serving process per nation, and has them pair by the real ceremony. What an earlier run that
 * was cut off has made in this folder is gone on with.
 */
export async function startFederation(
  root: string,
  nations: readonly Nation[],
  exercise: string,
): Promise<DemoFederation> {
  await using stack = new AsyncDisposableStack()
  const keysDir = join(root, 'authority')
  const keyOf = (nation: Nation, role: string) =>
    readSigner(join(keysDir, `${nation}.${role}.pem`)).sign
  const signerOf = (nation: Nation) => keyOf(nation, 'authority')
  const folderOf = (nation: Nation) => join(root, nation.toLowerCase())
  const ports = await freePorts(nations.length, nations.map(folderOf).flatMap(portsOf))
  for (const [i, nation] of nations.entries())
    makeNode({
      folder: folderOf(nation),
      keysDir,
      nation,
      organisation: `${nation} exercise office`,
      listen: `127.0.0.1:${ports[i]}`,
      exercise,
    })
  const rosterPath = join(root, 'roster.json')
  for (const nation of nations) await left(folderOf(nation))
  catchUp(nations.map(folderOf))
  const apis = new Map<Nation, NodeApi>()
  const children = nations.map((nation) => [nation, stack.use(serve(folderOf(nation)))] as const)
  for (const [nation, child] of children)
    apis.set(nation, await connected(folderOf(nation), nation, child))
  const apiOf = (nation: Nation): NodeApi => {
    const api = apis.get(nation)
    if (api === undefined) throw new Error(`no node of ${nation} in this demo`)
    return api
  }
  const rosterOf = pathsOf(folderOf(nations[0] ?? '')).roster
  const compared = existsSync(rosterOf)
    ? null
    : await pairNations(join(root, 'pairing'), nations, apiOf, (nation) =>
        join(keysDir, `${nation}.root.pem`),
      )
  const roster = parseRosterFile(readRosterJson(rosterOf))
  copyFileSync(rosterOf, rosterPath)
  const owned = stack.move()
  return {
    nations,
    roster,
    rosterPath,
    folderOf,
    api: apiOf,
    compared,
    sign: (nation, document) => {
      const policy = PolicyDocument.parse(document)
      return { policy, signatures: [signJws(policySealType, sealOf(policy), signerOf(nation))] }
    },
    signRegister: (nation, document) => {
      const register = RegisterDocument.parse(document)
      const seal = registerSealOf(register)
      return { register, signatures: [signJws(registerSealType, seal, signerOf(nation))] }
    },
    officer: (nation) => keyOf(nation, 'officer'),
    signMapping: (nation, text) => [
      signJws(
        mappingSealType,
        sealOfMapping(nation, parseMapping(text, 'mapping')),
        signerOf(nation),
      ),
    ],
    [Symbol.asyncDispose]: () => owned.disposeAsync(),
  }
}

/** A node's folder and keys; a folder without a config was cut off while it was made, and is made anew. */
function makeNode(options: InitOptions): void {
  const { folder, keysDir, nation } = options
  if (existsSync(pathsOf(folder).config)) return
  rmSync(folder, { recursive: true, force: true })
  for (const use of ['root', 'authority', 'officer'])
    rmSync(join(keysDir, `${nation}.${use}.pem`), { force: true })
  initNode(options)
}

/** An earlier run may have been cut off when only some of its nodes had the roster yet. */
function catchUp(folders: readonly string[]): void {
  const given = folders.map((folder) => pathsOf(folder).roster).find((path) => existsSync(path))
  if (given === undefined) return
  for (const folder of folders) {
    const own = loadOwn(folder)
    installRoster(own.rosterPath, readRosterJson(given), selfOf(own))
  }
}

/** Until no process of an earlier run has this folder: they end when the demo that started them is gone. */
async function left(folder: string): Promise<void> {
  for (const until = Date.now() + 30_000; ; ) {
    try {
      lockFolder(folder)[Symbol.dispose]()
      return
    } catch (error) {
      if (Date.now() > until) throw error
      await new Promise((resolve) => setTimeout(resolve, 100))
    }
  }
}

/** One node as a process of its own: the same `entente serve` that a nation runs. It ends when this process does, however that ends. */
function serve(folder: string): ChildProcess & AsyncDisposable {
  const log = join(folder, 'serve.log')
  const child = spawn(process.execPath, [main, 'serve', '--folder', folder], {
    stdio: ['ignore', 'pipe', 'pipe', 'ipc'],
  })
  const note = (chunk: Buffer) => writeFileSync(log, chunk, { flag: 'a', mode: 0o600 })
  child.stdout?.on('data', note)
  child.stderr?.on('data', note)
  return Object.assign(child, {
    [Symbol.asyncDispose]: async () => {
      if (child.exitCode !== null || child.signalCode !== null) return
      const ended = new Promise((resolve) => child.once('exit', resolve))
      child.kill('SIGTERM')
      const hard = setTimeout(() => child.kill('SIGKILL'), 5_000)
      await ended
      clearTimeout(hard)
    },
  })
}

/** The node of a folder, once it answers. @throws {Error} with what it said last, when it ended or says nothing for three minutes */
async function connected(folder: string, nation: Nation, child: ChildProcess): Promise<NodeApi> {
  for (const until = Date.now() + 180_000; Date.now() < until && child.exitCode === null; ) {
    const api = await connectControl(pathsOf(folder).socket)
    if (api !== null) return api
    await new Promise((resolve) => setTimeout(resolve, 50))
  }
  const log = join(folder, 'serve.log')
  const said = existsSync(log) ? readFileSync(log, 'utf8').slice(-2_000) : 'nothing'
  throw new Error(`the node of ${nation} did not start; it said: ${said}`)
}

/**
 * Ports that nobody has now. Below those that a system gives to whoever dials out: of them one that is free now may be somebody's by the
 * time that a node listens.
 * @param kept of nodes that an earlier run has made
 */
async function freePorts(count: number, kept: readonly number[]): Promise<number[]> {
  const ports: number[] = []
  for (let port = 10_000 + randomInt(1_500); ports.length < count && port < 12_000; port++)
    if (!kept.includes(port) && (await isFree(port))) ports.push(port)
  if (ports.length < count)
    throw new Error('of the ports from 10000 to 11999 too few are free for the nodes of a demo')
  return ports
}

/** Ports on which the node of a folder listens, if one has been made. */
function portsOf(folder: string): number[] {
  const { config } = pathsOf(folder)
  const text = existsSync(config) ? readFileSync(config, 'utf8') : ''
  return [...text.matchAll(/\/tcp\/(\d+)/g)].map(([, port]) => Number(port))
}

const isFree = (port: number): Promise<boolean> =>
  new Promise((resolve) => {
    const server = createServer().once('error', () => resolve(false))
    server.listen(port, '127.0.0.1', () => server.close(() => resolve(true)))
  })
