import { fork } from 'node:child_process'
import { basename } from 'node:path'
import { fileURLToPath } from 'node:url'

/** What a child process can be asked; each verb takes one request. */
export type Verbs = Readonly<Record<string, (request: never) => unknown>>

/** A process of its own, as each node and each peer is in real life. */
export interface Child<V extends Verbs> extends AsyncDisposable {
  readonly call: <K extends keyof V & string>(
    verb: K,
    request: Parameters<V[K]>[0],
  ) => Promise<Awaited<ReturnType<V[K]>>>
}

interface Question {
  readonly id: number
  readonly verb: string
  readonly request: unknown
}
type Answer =
  | { readonly id: number; readonly result: unknown }
  | { readonly id: number; readonly error: string }

/** Milliseconds of the machine's monotonic clock: the same in every process. */
export const nowMs = (): number => Number(process.hrtime.bigint()) / 1e6

export function spawnChild<V extends Verbs>(script: URL): Child<V> {
  const path = fileURLToPath(script)
  const name = basename(path)
  const child = fork(path, {
    // automerge-repo 2.5 passes negative delays to its throttle.
    execArgv: ['--disable-warning=TimeoutNegativeWarning'],
    // Whatever a library prints is talk, not the table.
    stdio: ['ignore', 2, 2, 'ipc'],
  })
  const exited = new Promise<void>((resolve) => child.once('exit', () => resolve()))
  const waiting = new Map<number, PromiseWithResolvers<unknown>>()
  let last = 0
  child.on('message', (answer: Answer) => {
    const asked = waiting.get(answer.id)
    waiting.delete(answer.id)
    if ('error' in answer) asked?.reject(new Error(`${name}: ${answer.error}`))
    else asked?.resolve(answer.result)
  })
  void exited.then(() => {
    for (const { reject } of waiting.values()) reject(new Error(`${name}: the process ended`))
  })
  return {
    call: async (verb, request) => {
      const asked = Promise.withResolvers<unknown>()
      waiting.set(++last, asked)
      child.send({ id: last, verb, request } satisfies Question)
      return (await asked.promise) as never
    },
    [Symbol.asyncDispose]: async () => {
      if (child.connected) child.disconnect()
      const timer = setTimeout(() => child.kill('SIGKILL'), 10_000)
      await exited
      clearTimeout(timer)
    },
  }
}

/** Answers the parent until it lets go; then `close`, and the process ends. */
export function serveVerbs(verbs: Verbs, close: () => Promise<void>): void {
  process.on('message', ({ id, verb, request }: Question) => {
    const work = async () => verbs[verb]?.(request as never)
    work().then(
      (result) => process.send?.({ id, result: result ?? null } satisfies Answer),
      (error: unknown) =>
        process.send?.({
          id,
          error: error instanceof Error ? error.message : String(error),
        } satisfies Answer),
    )
  })
  process.on('disconnect', () => {
    void close().finally(() => process.exit(0))
  })
}
