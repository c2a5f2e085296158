import { type ChildProcess, spawn } from 'node:child_process'
import { once } from 'node:events'
import { existsSync, mkdirSync, mkdtempSync, rmSync, statSync, writeFileSync } from 'node:fs'
import { request } from 'node:http'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import {
  connectControl,
  lockFolder,
  type NodeApi,
  pathsOf,
  serveControl,
  withNode,
} from '@entente/node'
import { afterAll, describe, expect, test } from 'vitest'

const base = mkdtempSync(join(tmpdir(), 'entente-control-'))
afterAll(() => rmSync(base, { recursive: true }))
let count = 0
const freshFolder = (name = String(++count)): string => {
  const folder = join(base, name)
  mkdirSync(folder, { recursive: true, mode: 0o700 })
  return folder
}

/** Answers a few verbs and remembers what it was asked. */
function fakeNode(nation = 'GBR'): NodeApi & AsyncDisposable & { readonly asked: unknown[] } {
  const asked: unknown[] = []
  const api: Partial<NodeApi> = {
    nation,
    search: async (question) => {
      asked.push(question)
      return []
    },
    run: async ({ plan }, progress) => {
      if (plan === 'old')
        throw Object.assign(new Error('the plan changed'), { code: 'PLAN_CHANGED' })
      progress?.({ stage: 'seal', done: 1, total: 2 })
      progress?.({ stage: 'seal', done: 2, total: 2 })
      return { statements: 1, leaves: [32], puts: 2, drops: 0 }
    },
    partnerPause: async (question) => {
      asked.push(question)
    },
    policyShow: async () => ({ text: 'ä'.repeat(200_000) }),
    policyInstall: async (signed) => {
      asked.push(signed)
      return { edition: 1, digest: 'd', index: 0 }
    },
    recordHistory: async () => {
      throw new Error('broken')
    },
  }
  return Object.assign(api as NodeApi, { asked, [Symbol.asyncDispose]: async () => {} })
}

const notOpened = (): Promise<never> => Promise.reject(new Error('opened a second node'))

describe('the local socket', () => {
  test('is for its owner alone, and gone when the node stops', async () => {
    const { socket } = pathsOf(freshFolder())
    {
      await using _server = await serveControl(fakeNode(), socket)
      expect(statSync(socket).mode & 0o777).toBe(0o600)
    }
    expect(existsSync(socket)).toBe(false)
    expect(await connectControl(socket)).toBeNull()
  })

  test('carries a verb with its progress, and what the node refuses with its code', async () => {
    const { socket } = pathsOf(freshFolder())
    const node = fakeNode()
    await using _server = await serveControl(node, socket)
    const api = await connectControl(socket)
    if (api === null) throw new Error('no node answers')
    expect(api.nation).toBe('GBR')
    const seen: unknown[] = []
    expect(await api.run({ plan: 'p' }, (event) => seen.push(event))).toEqual({
      statements: 1,
      leaves: [32],
      puts: 2,
      drops: 0,
    })
    expect(seen).toEqual([
      { stage: 'seal', done: 1, total: 2 },
      { stage: 'seal', done: 2, total: 2 },
    ])
    await expect(api.run({ plan: 'old' })).rejects.toMatchObject({
      code: 'PLAN_CHANGED',
      message: 'the plan changed',
    })
    await expect(api.recordHistory(`urn:entente:${'0'.repeat(32)}`)).rejects.toMatchObject({
      code: 'FAULT',
    })
    expect(await api.partnerPause({ nation: 'NOR', paused: true })).toBeNull()
    expect(await api.search({ text: 'cobalt' })).toEqual([])
    expect(node.asked).toEqual([{ nation: 'NOR', paused: true }, { text: 'cobalt' }])
    expect(await api.policyShow()).toEqual({ text: 'ä'.repeat(200_000) })
  })

  test('lets verbs end, then has everybody wait for the node that comes next', async () => {
    const { socket } = pathsOf(freshFolder())
    const ending = Promise.withResolvers<[]>()
    const begun = Promise.withResolvers<void>()
    const search = () => {
      begun.resolve()
      return ending.promise
    }
    const first = Object.assign(fakeNode(), { search })
    await using server = await serveControl(first, socket)
    const api = await connectControl(socket)
    if (api === null) throw new Error('no node answers')
    const running = api.search({ text: 'a' })
    await begun.promise
    let isHeld = false
    const held = server.hold().then(() => {
      isHeld = true
    })
    expect(await api.partnerPause({ nation: 'NOR', paused: true })).toBeNull()
    expect(isHeld).toBe(false)
    ending.resolve([])
    expect(await running).toEqual([])
    await held
    const next = fakeNode()
    const waiting = api.partnerPause({ nation: 'NOR', paused: false })
    setTimeout(() => server.resume(next), 20)
    expect(await waiting).toBeNull()
    expect([first.asked, next.asked]).toEqual([
      [{ nation: 'NOR', paused: true }],
      [{ nation: 'NOR', paused: false }],
    ])
  })

  test.each<[fact: string, verb: string, body: unknown]>([
    ['a nation that is none', 'partnerPause', { nation: 'XXX', paused: true }],
    ['a word too many', 'search', { text: 'a', also: 1 }],
    ['an id that is none', 'recordHistory', 'x'],
  ])('refuses %s before the node sees it', async (_, verb, body) => {
    const { socket } = pathsOf(freshFolder())
    const node = fakeNode()
    await using _server = await serveControl(node, socket)
    expect(await post(socket, `/v1/${verb}`, JSON.stringify(body))).toMatchObject({
      error: { code: 'REQUEST_FORM' },
    })
    expect(node.asked).toEqual([])
  })

  test.each<[fact: string, path: string, body: string, code: string]>([
    ['an unknown verb', '/v1/exec', '{}', 'VERB_UNKNOWN'],
    ['a name of every object', '/v1/constructor', '{}', 'VERB_UNKNOWN'],
    ['a field that is no verb', '/v1/nation', 'null', 'VERB_UNKNOWN'],
    ['a body that is not JSON', '/v1/search', '{', 'REQUEST_FORM'],
    [
      'a body over 8 MiB',
      '/v1/policyInstall',
      `"${'x'.repeat(8 * 1024 * 1024)}"`,
      'REQUEST_TOO_LARGE',
    ],
  ])('refuses %s', async (_, path, body, code) => {
    const { socket } = pathsOf(freshFolder())
    await using _server = await serveControl(fakeNode(), socket)
    expect(await post(socket, path, body)).toMatchObject({ error: { code } })
  })

  test('works in a folder whose path is longer than a socket may have', async () => {
    const { socket } = pathsOf(freshFolder('long-'.repeat(40)))
    {
      await using _server = await serveControl(fakeNode('NOR'), socket)
      expect(statSync(socket).mode & 0o777).toBe(0o600)
      expect((await connectControl(socket))?.nation).toBe('NOR')
    }
    expect(existsSync(socket)).toBe(false)
  })

  test('replaces what a killed node left behind', async () => {
    const { socket } = pathsOf(freshFolder())
    writeFileSync(socket, '')
    await using _server = await serveControl(fakeNode(), socket)
    expect((await connectControl(socket))?.nation).toBe('GBR')
  })

  test('says that the node is gone when it ends before it answers', async () => {
    const { socket } = pathsOf(freshFolder())
    const holder = await spawnScript(
      `import { createServer } from 'node:net'
      createServer((s) => s.once('data', () => process.exit(1))).listen(${JSON.stringify(socket)}, () => console.log('ready'))`,
    )
    await expect(connectControl(socket)).rejects.toMatchObject({ code: 'NODE_GONE' })
    holder.kill('SIGKILL')
  })
})

describe('the folder lock', () => {
  const lockScript = (folder: string): string =>
    `import { lockFolder } from ${JSON.stringify(join(import.meta.dirname, '../src/control/folder-lock.ts'))}
    globalThis.held = lockFolder(${JSON.stringify(folder)})
    console.log('ready')
    setInterval(() => {}, 1000)`

  test('is for one process, and dies with it by kill -9', async () => {
    const folder = freshFolder()
    const holder = await spawnScript(lockScript(folder))
    expect(() => lockFolder(folder)).toThrow(expect.objectContaining({ code: 'FOLDER_IN_USE' }))
    holder.kill('SIGKILL')
    await once(holder, 'exit')
    using lock = lockFolder(folder)
    expect(lock).toBeDefined()
    expect(() => lockFolder(folder)).toThrow(expect.objectContaining({ code: 'FOLDER_IN_USE' }))
  })

  test('is free again once given back', () => {
    const folder = freshFolder()
    lockFolder(folder)[Symbol.dispose]()
    lockFolder(folder)[Symbol.dispose]()
  })
})

describe('a verb', () => {
  test('acts at the running node, and opens none', async () => {
    const folder = freshFolder()
    using _lock = lockFolder(folder)
    await using _server = await serveControl(fakeNode('CAN'), pathsOf(folder).socket)
    expect(await withNode(folder, notOpened, async ({ nation }) => nation)).toBe('CAN')
  })

  test('opens the node itself, under the lock and without network, when none runs', async () => {
    const folder = freshFolder()
    const opened: unknown[] = []
    const nation = await withNode(
      folder,
      async (options) => {
        opened.push(options)
        return fakeNode('AUS')
      },
      async (api) => {
        expect(() => lockFolder(folder)).toThrow(expect.objectContaining({ code: 'FOLDER_IN_USE' }))
        return api.nation
      },
    )
    expect(nation).toBe('AUS')
    expect(opened).toEqual([{ folder, network: false }])
    lockFolder(folder)[Symbol.dispose]()
  })

  test('waits for a node that is just starting', async () => {
    const folder = freshFolder()
    using _lock = lockFolder(folder)
    const asked = withNode(folder, notOpened, async ({ nation }) => nation)
    await new Promise((resolve) => setTimeout(resolve, 250))
    await using _server = await serveControl(fakeNode('USA'), pathsOf(folder).socket)
    expect(await asked).toBe('USA')
  })
})

function post(socketPath: string, path: string, body: string): Promise<unknown> {
  return new Promise((resolve, reject) => {
    const call = request({ socketPath, path, method: 'POST' }, (response) => {
      let text = ''
      response.on('data', (chunk) => {
        text += chunk
      })
      response.on('end', () => resolve(JSON.parse(text)))
    })
    call.on('error', reject)
    call.end(body)
  })
}

async function spawnScript(source: string): Promise<ChildProcess> {
  const child = spawn(process.execPath, ['--input-type=module-typescript', '-e', source], {
    stdio: ['ignore', 'pipe', 'inherit'],
  })
  await once(child.stdout, 'data')
  return child
}
