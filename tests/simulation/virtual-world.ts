import { AsyncLocalStorage } from 'node:async_hooks'
import crypto from 'node:crypto'
import { syncBuiltinESMExports } from 'node:module'
import timersPromises from 'node:timers/promises'
import { createRandom, type Random } from './random.ts'

/**
 * Takes wall clock, timers and chance out of this process: from its first import on, every part of it, libraries too, is
 * given the time and the bytes of the present run. Import it before anything of the product.
 */

/** Whoever owns timers: when it is dead they never fire, as those of a process that was killed. */
export interface Owner {
  readonly name: string
  dead: boolean
}

interface Event {
  readonly atMs: number
  readonly order: number
  readonly owner: Owner | undefined
  readonly work: () => void
  cancelled: boolean
}

const real = { setImmediate: globalThis.setImmediate, Date: globalThis.Date }
const owners = new AsyncLocalStorage<Owner>()
let queue: Event[] = []
let order = 0
let nowMs = 0
let chance: Random = createRandom('no run yet')
let faults: unknown[] = []
const verified = new Map<string, boolean>()

/** Begins a run: nothing is planned, the clock stands at its start, chance follows from the seed. */
export function beginRun(seed: string, startMs: number): void {
  queue = []
  order = 0
  nowMs = startMs
  chance = createRandom(`${seed}/chance`)
  faults = []
  verified.clear()
}

export const virtualNowMs = (): number => nowMs
/** Errors that nobody caught since the run began. */
export const uncaught = (): readonly unknown[] => faults
/** Runs work whose timers, and those of all it starts, belong to this owner. */
export const owned = <T>(owner: Owner, work: () => T): T => owners.run(owner, work)

/** Runs work whose timers belong to nobody, whoever calls. */
export const unowned = <T>(work: () => T): T => owners.exit(work)

/** Does everything that is planned up to this time, in order of time and then of planning. */
export async function runUntil(untilMs: number): Promise<void> {
  for (;;) {
    await settle()
    const next = queue[0]
    if (next === undefined || next.atMs > untilMs) break
    pop()
    if (next.cancelled || next.owner?.dead) continue
    nowMs = Math.max(nowMs, next.atMs)
    try {
      next.work()
    } catch (error) {
      faults.push(error)
    }
  }
  nowMs = Math.max(nowMs, untilMs)
}

/** Resolves when no promise can go on by itself. */
const settle = (): Promise<void> => new Promise((resolve) => real.setImmediate(resolve))

export function plan(afterMs: number, work: () => void): Event {
  const wait = Number.isFinite(afterMs) ? Math.max(0, afterMs) : 0
  const event: Event = {
    atMs: nowMs + wait,
    order: order++,
    owner: owners.getStore(),
    work,
    cancelled: false,
  }
  push(event)
  return event
}

// A binary heap by time, then by order of planning.
const before = (a: Event, b: Event) => a.atMs < b.atMs || (a.atMs === b.atMs && a.order < b.order)
function push(event: Event): void {
  let i = queue.length
  queue.push(event)
  while (i > 0) {
    const up = (i - 1) >> 1
    const parent = queue[up] as Event
    if (!before(event, parent)) break
    queue[i] = parent
    i = up
  }
  queue[i] = event
}
function pop(): void {
  const last = queue.pop() as Event
  if (queue.length === 0) return
  let i = 0
  for (;;) {
    let child = 2 * i + 1
    if (child >= queue.length) break
    if (child + 1 < queue.length && before(queue[child + 1] as Event, queue[child] as Event))
      child++
    if (!before(queue[child] as Event, last)) break
    queue[i] = queue[child] as Event
    i = child
  }
  queue[i] = last
}

class VirtualTimer {
  event: Event
  readonly again: () => Event
  constructor(again: () => Event) {
    this.again = again
    this.event = again()
  }
  ref() {
    return this
  }
  unref() {
    return this
  }
  hasRef() {
    return true
  }
  refresh() {
    this.event.cancelled = true
    this.event = this.again()
    return this
  }
  close() {
    this.event.cancelled = true
    return this
  }
  [Symbol.dispose]() {
    this.event.cancelled = true
  }
}

type Callback = (...args: unknown[]) => void
const setTimer = (work: Callback, ms = 0, ...args: unknown[]) =>
  // As the platform: less than a millisecond is one.
  new VirtualTimer(() => plan(Math.max(1, Number(ms) || 0), () => work(...args)))
const setRepeating = (work: Callback, ms = 0, ...args: unknown[]): VirtualTimer => {
  const every = Math.max(1, Number(ms) || 0)
  const timer: VirtualTimer = new VirtualTimer(() =>
    plan(every, () => {
      timer.event = timer.again()
      work(...args)
    }),
  )
  return timer
}
const setSoon = (work: Callback, ...args: unknown[]) =>
  new VirtualTimer(() => plan(0, () => work(...args)))
const clearTimer = (timer: unknown) => {
  if (timer instanceof VirtualTimer) timer.close()
}
const wait = <T>(ms: number, value?: T, { signal }: { signal?: AbortSignal } = {}): Promise<T> =>
  new Promise((resolve, reject) => {
    if (signal?.aborted) {
      reject(signal.reason)
      return
    }
    const timer = setTimer(() => resolve(value as T), ms)
    signal?.addEventListener(
      'abort',
      () => {
        timer.close()
        reject(signal.reason)
      },
      { once: true },
    )
  })

class VirtualDate extends real.Date {
  constructor(...args: unknown[]) {
    super(...((args.length === 0 ? [nowMs] : args) as [number]))
  }
  static override now(): number {
    return nowMs
  }
}

const fill = <T extends ArrayBufferView>(view: T): T => {
  new Uint8Array(view.buffer, view.byteOffset, view.byteLength).set(chance.bytes(view.byteLength))
  return view
}
const uuid = () => {
  const hex = Buffer.from(chance.bytes(16)).toString('hex')
  return `${hex.slice(0, 8)}-${hex.slice(8, 12)}-4${hex.slice(13, 16)}-8${hex.slice(17, 20)}-${hex.slice(20)}`
}
// RFC 8410: PKCS#8 of a 32-byte private key.
const pkcs8 = {
  ed25519: '302e020100300506032b657004220420',
  x25519: '302e020100300506032b656e04220420',
}
const keyPair = (type: keyof typeof pkcs8) => {
  const der = Buffer.concat([Buffer.from(pkcs8[type], 'hex'), chance.bytes(32)])
  const privateKey = crypto.createPrivateKey({ key: der, format: 'der', type: 'pkcs8' })
  return { privateKey, publicKey: crypto.createPublicKey(privateKey) }
}

Object.assign(globalThis, {
  setTimeout: setTimer,
  setInterval: setRepeating,
  setImmediate: setSoon,
  clearTimeout: clearTimer,
  clearInterval: clearTimer,
  clearImmediate: clearTimer,
  Date: VirtualDate,
})
Object.assign(timersPromises, {
  setTimeout: wait,
  setImmediate: (value: unknown) => new Promise((resolve) => setSoon(() => resolve(value))),
})
AbortSignal.timeout = (ms) => {
  const controller = new AbortController()
  setTimer(() => controller.abort(new DOMException('timed out', 'TimeoutError')), ms)
  return controller.signal
}
performance.now = () => nowMs
Math.random = () => chance.below(2 ** 32) / 2 ** 32
globalThis.crypto.getRandomValues = fill as typeof globalThis.crypto.getRandomValues
globalThis.crypto.randomUUID = uuid as typeof globalThis.crypto.randomUUID
Object.assign(crypto, {
  randomBytes: (size: number) => Buffer.from(chance.bytes(size)),
  randomUUID: uuid,
  randomInt: (a: number, b?: number) =>
    b === undefined ? chance.below(a) : a + chance.below(b - a),
  randomFillSync: fill,
  generateKeyPairSync: keyPair,
})
// All nations check the same signatures: what was checked is remembered. A pure function stays what it is.
const text = (bytes: unknown) => Buffer.from(bytes as Uint8Array).toString('latin1')
const verify = crypto.verify as (...args: unknown[]) => boolean
crypto.verify = ((
  algorithm: unknown,
  message: unknown,
  key: crypto.KeyObject,
  signature: unknown,
) => {
  if (algorithm !== null || !(key instanceof crypto.KeyObject))
    return verify(algorithm, message, key, signature)
  const asked = `${keyName(key)} ${text(signature)}${text(message)}`
  const known = verified.get(asked)
  if (known !== undefined) return known
  const answer = verify(algorithm, message, key, signature)
  verified.set(asked, answer)
  return answer
}) as typeof crypto.verify
const keyNames = new WeakMap<crypto.KeyObject, string>()
const keyName = (key: crypto.KeyObject) => {
  const name = keyNames.get(key) ?? String(key.export({ format: 'jwk' }).x)
  keyNames.set(key, name)
  return name
}
syncBuiltinESMExports()
process.on('unhandledRejection', (error) => faults.push(error))
