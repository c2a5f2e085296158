import { once } from 'node:events'
import { Worker } from 'node:worker_threads'
import { type Answer, createPerformer, type Task, type Work, type Workforce } from '@entente/audit'
import { tools } from './tools.ts'

/** Tasks that a thread has at hand, so that it does not wait for the next. */
const AHEAD = 2
/** With fewer tasks than this, threads cost more than they save. */
const FEW = 8

/** Nothing outlives its task: a thread that may grow young garbage holds 100 MiB more, and is no faster. */
const resourceLimits = { maxYoungGenerationSizeMb: 6 }

export interface Threads extends AsyncDisposable {
  readonly workforce: Workforce
}

/**
 * A workforce of threads. Tasks go to whoever is free, answers are taken in the order of the tasks. Little work is done here.
 * @param count of threads; 0: all work is done here
 */
export function createThreads(count: number): Threads {
  const workers: Worker[] = []
  const start = (): readonly Worker[] => {
    while (workers.length < count)
      workers.push(new Worker(new URL('work-thread.ts', import.meta.url), { resourceLimits }))
    return workers
  }
  const perform = createPerformer(tools)
  return {
    workforce: async (work) => {
      const tasks = work.tasks[Symbol.iterator]()
      const first: Task[] = []
      while (first.length < FEW) {
        const next = tasks.next()
        if (next.done === true) break
        first.push(next.value)
      }
      if (count === 0 || first.length < FEW) {
        for (const task of first) work.take(perform(task))
        for (const task of rest(tasks)) work.take(perform(task))
      } else await share(start(), first, tasks, work)
    },
    [Symbol.asyncDispose]: async () => {
      await Promise.all(workers.map((worker) => worker.terminate()))
    },
  }
}

const rest = <T>(iterator: Iterator<T>): Iterable<T> => ({ [Symbol.iterator]: () => iterator })

/** Each thread answers in the order it was asked, so asking in turns gives all answers in order. */
async function share(
  workers: readonly Worker[],
  first: readonly Task[],
  more: Iterator<Task>,
  { take }: Pick<Work, 'take'>,
): Promise<void> {
  function* all(): Iterable<Task> {
    yield* first
    yield* rest(more)
  }
  const asked: Promise<Answer>[] = []
  let turn = 0
  for (const task of all()) {
    const worker = workers[turn++ % workers.length] as Worker
    asked.push(answerOf(worker, task))
    if (asked.length >= workers.length * AHEAD) take((await asked.shift()) as Answer)
  }
  for (const answer of asked) take(await answer)
}

/** Answers that a thread owes, in the order it was asked. */
const owed = new WeakMap<Worker, PromiseWithResolvers<Answer>[]>()

function answerOf(worker: Worker, task: Task): Promise<Answer> {
  let queue = owed.get(worker)
  if (queue === undefined) {
    const list: PromiseWithResolvers<Answer>[] = []
    queue = list
    owed.set(worker, list)
    worker.on('message', (answer: Answer) => list.shift()?.resolve(answer))
    const fail = (error: unknown): void => {
      for (const { reject } of list.splice(0)) reject(error)
    }
    worker.on('error', fail)
    void once(worker, 'exit').then(() => fail(new Error('a thread of the audit has ended')), fail)
  }
  const owing = Promise.withResolvers<Answer>()
  // Whoever waits hears of it; that nobody waits yet is no fault.
  owing.promise.catch(() => {})
  queue.push(owing)
  worker.postMessage(task)
  return owing.promise
}
