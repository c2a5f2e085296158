import { type ChildProcess, type ForkOptions, fork } from 'node:child_process'
import { fileURLToPath } from 'node:url'
import type { NodeApi, Step } from '@entente/node'

/** A node in another process, which can be cut off at a step. */
export interface SpawnedNode extends AsyncDisposable {
  readonly call: <V extends Verb>(
    verb: V,
    ...request: Parameters<NodeApi[V]>
  ) => Promise<Awaited<ReturnType<NodeApi[V]>>>
  /** The process will die when it next reaches this step, or reaches it so many times. */
  readonly arm: (step: Step, times?: number) => Promise<void>
  readonly pid: number
  /** Kills the process now, wherever it is. */
  readonly kill: () => void
  /** Resolves with the signal that ended the process. */
  readonly died: Promise<string | null>
}
type Verb = Exclude<keyof NodeApi, 'nation'>

const script = fileURLToPath(new URL('node-process.ts', import.meta.url))

const openWithinMs = 60_000

/**
 * Starts a node of this folder in a process of its own and waits until it is open.
 * @param by what starts Node, where it is not the present one alone
 */
export async function spawnNode(
  folder: string,
  by: Pick<ForkOptions, 'execPath' | 'execArgv'> = { execArgv: [] },
): Promise<SpawnedNode> {
  const child: ChildProcess = fork(script, [folder], by)
  const died = new Promise<string | null>((resolve) => {
    child.once('exit', (_, signal) => resolve(signal))
  })
  const waiting = new Map<number, PromiseWithResolvers<unknown>>()
  let ended: Error | null = null
  const answerTo = (id: number): Promise<unknown> => {
    if (ended !== null) return Promise.reject(ended)
    const answer = Promise.withResolvers<unknown>()
    waiting.set(id, answer)
    return answer.promise
  }
  child.on('message', ({ id, result, error }: { id: number; result: unknown; error?: string }) => {
    const answer = waiting.get(id)
    waiting.delete(id)
    if (error === undefined) answer?.resolve(result)
    else answer?.reject(new Error(error))
  })
  const opened = answerTo(0)
  const late = setTimeout(() => child.kill('SIGKILL'), openWithinMs)
  void died.then((signal) => {
    ended = new Error(`the process ended: ${signal ?? 'by itself'}`)
    for (const { reject } of waiting.values()) reject(ended)
  })
  await opened
  clearTimeout(late)
  let last = 0
  return {
    died,
    pid: child.pid ?? 0,
    kill: () => void child.kill('SIGKILL'),
    arm: async (step, times = 1) => {
      const armed = answerTo(-1)
      child.send({ arm: step, times }, () => {})
      await armed
    },
    call: async (verb, ...[request]) => {
      const id = ++last
      const answer = answerTo(id)
      child.send({ id, verb, request }, () => {})
      return (await answer) as never
    },
    [Symbol.asyncDispose]: async () => {
      if (child.exitCode === null && child.signalCode === null) child.kill('SIGKILL')
      await died
    },
  }
}
