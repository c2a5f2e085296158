import { type ChildProcess, spawn } from 'node:child_process'
import { readFileSync } from 'node:fs'
import { createRequire } from 'node:module'
import { fileURLToPath } from 'node:url'
import { JointError } from '../joint-error.ts'
import type { AutomergeAnswer, AutomergeRequest } from './messages.ts'

/** What the process may cost. */
export interface AutomergeLimits {
  /** Heap of JavaScript. */
  readonly heapMiB: number
  /** All memory of the process, which Automerge's own is part of; looked at where the system says it. */
  readonly memoryMiB: number
  /** How long one question may take. */
  readonly answerMs: number
  /** The process ends when nothing was asked for so long. */
  readonly idleMs: number
}
const defaultLimits: AutomergeLimits = {
  heapMiB: 256,
  memoryMiB: 768,
  answerMs: 20_000,
  idleMs: 60_000,
}

/** Automerge in a process of its own. Its death loses nothing: who asks has all changes, and loads them again. */
export interface AutomergeProcess extends AsyncDisposable {
  /**
   * @throws {JointError} `JOINT_APPLY` when Automerge refuses; `JOINT_WORKER` when the process died, was too slow or took too much memory:
   * nothing is loaded then
   */
  readonly ask: (request: AutomergeRequest) => Promise<Extract<AutomergeAnswer, { ok: true }>>
  /** Counts the lives of the process: what was loaded in another is gone. */
  readonly life: () => number
  /** Process id; null: none runs. */
  readonly pid: () => number | null
}

const program = fileURLToPath(new URL('automerge-process.ts', import.meta.url))
const code = [
  fileURLToPath(new URL('../../../', import.meta.url)),
  createRequire(import.meta.url)
    .resolve('@automerge/automerge')
    .replace(/(?<=[\\/])dist[\\/].*$/, ''),
]
const watchMs = 100
const PAGE = 4096

/** Starts the process when something is asked, one question at a time. */
export function createAutomergeProcess(
  limits: AutomergeLimits = defaultLimits,
  script = program,
): AutomergeProcess {
  let child: ChildProcess | null = null
  let life = 0
  let queue: Promise<unknown> = Promise.resolve()
  let idle: NodeJS.Timeout | undefined

  const start = (): ChildProcess => {
    const flags = [
      '--permission',
      ...code.map((folder) => `--allow-fs-read=${folder}`),
      `--max-old-space-size=${limits.heapMiB}`,
    ]
    const begun = spawn(process.execPath, [...flags, script], {
      env: {},
      stdio: ['ignore', 'ignore', 'ignore', 'ipc'],
      serialization: 'advanced',
    })
    life++
    // A node that closes does not wait for it.
    begun.unref()
    begun.channel?.unref()
    begun.on('error', () => {})
    begun.on('exit', () => {
      if (child === begun) child = null
    })
    return begun
  }
  const end = (one: ChildProcess): void => {
    if (child === one) child = null
    one.kill('SIGKILL')
  }

  const askNow = (request: AutomergeRequest): Promise<Extract<AutomergeAnswer, { ok: true }>> => {
    clearTimeout(idle)
    child ??= start()
    const asked = child
    return new Promise((resolve, reject) => {
      const fail = (why: string): void => {
        settle()
        end(asked)
        reject(new JointError('JOINT_WORKER', `the process that runs Automerge ${why}`))
      }
      const hear = (answer: AutomergeAnswer): void => {
        settle()
        if (answer.ok) resolve(answer)
        else
          reject(
            new JointError('JOINT_APPLY', `Automerge refuses it: ${answer.message.slice(0, 200)}`),
          )
      }
      const died = (): void => fail('died')
      const timer = setTimeout(
        () => fail(`gave no answer in ${limits.answerMs} ms`),
        limits.answerMs,
      )
      const watch = setInterval(() => {
        if (residentMiB(asked) > limits.memoryMiB) fail(`took more than ${limits.memoryMiB} MiB`)
      }, watchMs)
      function settle(): void {
        clearTimeout(timer)
        clearInterval(watch)
        asked.off('message', hear)
        asked.off('exit', died)
        idle = setTimeout(() => end(asked), limits.idleMs).unref()
      }
      asked.on('message', hear)
      asked.on('exit', died)
      asked.send(request, (error) => {
        if (error !== null) fail('died')
      })
    })
  }
  return {
    ask: (request) => {
      const answered = queue.then(() => askNow(request))
      queue = answered.catch(() => {})
      return answered
    },
    life: () => life,
    pid: () => child?.pid ?? null,
    [Symbol.asyncDispose]: async () => {
      clearTimeout(idle)
      if (child !== null) end(child)
      await queue
    },
  }
}

/** Memory of a process as Linux says it; 0 where nobody says it. */
function residentMiB({ pid }: ChildProcess): number {
  try {
    const pages = Number(readFileSync(`/proc/${pid}/statm`, 'latin1').split(' ')[1])
    return (pages * PAGE) / 2 ** 20
  } catch {
    return 0
  }
}
